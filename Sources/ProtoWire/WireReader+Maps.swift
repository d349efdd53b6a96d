/// One more entry of a map. Missing keys and values are defaults, the last entry of a key wins.
extension WireReader {
  /// An entry of a map of any key and value type.
  @inlinable
  public mutating func mapEntry<Key: ProtoKey, Value: ProtoType>(
    _ field: WireField, into map: inout [Key.Value: Value.Value],
    key: Key.Type, value: Value.Type, max: Int = .max
  ) throws(WireError) {
    guard field.comes(as: .lengthDelimited) else { throw field.wrongWireType() }
    if map.count >= max { throw tooMany(field, max) }
    let outerEnd = try enterMessage(at: field.offset)
    var entryKey = Key.absent
    var entryValue = Value.absent
    while let part = try nextField() {
      switch part.number {
      case 1:
        guard part.comes(as: Key.wireType) else { throw part.wrongWireType() }
        try Key.read(into: &entryKey, from: &self, at: part.offset)
      case 2:
        guard part.comes(as: Value.wireType) else { throw part.wrongWireType() }
        try Value.read(into: &entryValue, from: &self, at: part.offset)
      default:
        try skip(part)
      }
    }
    leaveMessage(outerEnd: outerEnd)
    map[entryKey] = entryValue
  }

  /// An entry of a map of strings, bytes, plain integers, floats or bools.
  @inlinable @inline(__always)
  public mutating func mapEntry<Key: ProtoMapped, Value: ProtoMapped>(
    _ field: WireField, into map: inout [Key: Value], max: Int = .max
  ) throws(WireError) where Key.Proto: ProtoKey {
    try mapEntry(field, into: &map, key: Key.Proto.self, value: Value.Proto.self, max: max)
  }

  /// An entry of a map of messages.
  @inlinable @inline(__always)
  public mutating func mapEntry<Key: ProtoMapped, Message: WireMessage>(
    _ field: WireField, into map: inout [Key: Message], max: Int = .max
  ) throws(WireError) where Key.Proto: ProtoKey {
    try mapEntry(
      field, into: &map, key: Key.Proto.self, value: ProtoMessage<Message>.self, max: max)
  }

  /// An entry of a map of enums.
  @inlinable @inline(__always)
  public mutating func mapEntry<Key: ProtoMapped, Enum: WireEnum>(
    _ field: WireField, into map: inout [Key: Enum], max: Int = .max
  ) throws(WireError) where Key.Proto: ProtoKey {
    try mapEntry(field, into: &map, key: Key.Proto.self, value: ProtoEnum<Enum>.self, max: max)
  }
}
