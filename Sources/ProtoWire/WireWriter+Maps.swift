/// Maps, one field an entry in the order of the keys, so that equal maps give equal bytes. Keys and
/// values are written even when they are defaults, as protobuf's own libraries do.
extension WireWriter {
  /// A map of any key and value type.
  @inlinable
  public mutating func map<Key: ProtoKey, Value: ProtoType>(
    _ number: Int, _ map: [Key.Value: Value.Value], key: Key.Type, value: Value.Type
  ) {
    if map.isEmpty { return }
    for entry in map.sorted(by: { Key.precedes($0.key, $1.key) }) {
      tag(number, .lengthDelimited)
      let start = openLength()
      tag(1, Key.wireType)
      Key.write(entry.key, to: &self)
      tag(2, Value.wireType)
      Value.write(entry.value, to: &self)
      closeLength(at: start)
    }
  }

  /// A map of strings, bytes, plain integers, floats or bools.
  @inlinable @inline(__always)
  public mutating func map<Key: ProtoMapped, Value: ProtoMapped>(
    _ number: Int, _ map: [Key: Value]
  ) where Key.Proto: ProtoKey {
    self.map(number, map, key: Key.Proto.self, value: Value.Proto.self)
  }

  /// A map of messages.
  @inlinable @inline(__always)
  public mutating func map<Key: ProtoMapped, Message: WireMessage>(
    _ number: Int, _ map: [Key: Message]
  ) where Key.Proto: ProtoKey {
    self.map(number, map, key: Key.Proto.self, value: ProtoMessage<Message>.self)
  }

  /// A map of enums.
  @inlinable @inline(__always)
  public mutating func map<Key: ProtoMapped, Enum: WireEnum>(
    _ number: Int, _ map: [Key: Enum]
  ) where Key.Proto: ProtoKey {
    self.map(number, map, key: Key.Proto.self, value: ProtoEnum<Enum>.self)
  }
}
