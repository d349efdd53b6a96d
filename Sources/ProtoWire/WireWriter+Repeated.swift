/// Repeated fields: numbers, bools and enums packed, as proto3 does; all else one field an element.
extension WireWriter {
  /// Values of any number type, bool or enum, packed.
  @inlinable
  public mutating func packed<Proto: ProtoPackable>(
    _ number: Int, _ list: [Proto.Value], as type: Proto.Type
  ) {
    if list.isEmpty { return }
    tag(number, .lengthDelimited)
    let start = openLength()
    for value in list { Proto.write(value, to: &self) }
    closeLength(at: start)
  }

  /// Values of any type, one field each: for `[packed = false]`.
  @inlinable
  public mutating func unpacked<Proto: ProtoType>(
    _ number: Int, _ list: [Proto.Value], as type: Proto.Type
  ) {
    for value in list {
      tag(number, Proto.wireType)
      Proto.write(value, to: &self)
    }
  }

  /// `repeated int32`.
  @inlinable @inline(__always)
  public mutating func packedInt32(_ number: Int, _ list: [Int32]) {
    packed(number, list, as: ProtoInt32.self)
  }

  /// `repeated int64`.
  @inlinable @inline(__always)
  public mutating func packedInt64(_ number: Int, _ list: [Int64]) {
    packed(number, list, as: ProtoInt64.self)
  }

  /// `repeated uint32`.
  @inlinable @inline(__always)
  public mutating func packedUInt32(_ number: Int, _ list: [UInt32]) {
    packed(number, list, as: ProtoUInt32.self)
  }

  /// `repeated uint64`.
  @inlinable @inline(__always)
  public mutating func packedUInt64(_ number: Int, _ list: [UInt64]) {
    packed(number, list, as: ProtoUInt64.self)
  }

  /// `repeated sint32`.
  @inlinable @inline(__always)
  public mutating func packedSInt32(_ number: Int, _ list: [Int32]) {
    packed(number, list, as: ProtoSInt32.self)
  }

  /// `repeated sint64`.
  @inlinable @inline(__always)
  public mutating func packedSInt64(_ number: Int, _ list: [Int64]) {
    packed(number, list, as: ProtoSInt64.self)
  }

  /// `repeated bool`.
  @inlinable @inline(__always)
  public mutating func packedBool(_ number: Int, _ list: [Bool]) {
    packed(number, list, as: ProtoBool.self)
  }

  /// `repeated fixed32`.
  @inlinable @inline(__always)
  public mutating func packedFixed32(_ number: Int, _ list: [UInt32]) {
    packed(number, list, as: ProtoFixed32.self)
  }

  /// `repeated sfixed32`.
  @inlinable @inline(__always)
  public mutating func packedSFixed32(_ number: Int, _ list: [Int32]) {
    packed(number, list, as: ProtoSFixed32.self)
  }

  /// `repeated float`.
  @inlinable @inline(__always)
  public mutating func packedFloat(_ number: Int, _ list: [Float]) {
    packed(number, list, as: ProtoFloat.self)
  }

  /// `repeated fixed64`.
  @inlinable @inline(__always)
  public mutating func packedFixed64(_ number: Int, _ list: [UInt64]) {
    packed(number, list, as: ProtoFixed64.self)
  }

  /// `repeated sfixed64`.
  @inlinable @inline(__always)
  public mutating func packedSFixed64(_ number: Int, _ list: [Int64]) {
    packed(number, list, as: ProtoSFixed64.self)
  }

  /// `repeated double`.
  @inlinable @inline(__always)
  public mutating func packedDouble(_ number: Int, _ list: [Double]) {
    packed(number, list, as: ProtoDouble.self)
  }

  /// A repeated enum.
  @inlinable @inline(__always)
  public mutating func packedEnum<Enum: WireEnum>(_ number: Int, _ list: [Enum]) {
    packed(number, list, as: ProtoEnum<Enum>.self)
  }

  /// `repeated string`.
  @inlinable @inline(__always)
  public mutating func repeatedString(_ number: Int, _ list: [String]) {
    unpacked(number, list, as: ProtoString.self)
  }

  /// `repeated bytes`.
  @inlinable @inline(__always)
  public mutating func repeatedBytes(_ number: Int, _ list: [[UInt8]]) {
    unpacked(number, list, as: ProtoBytes.self)
  }

  /// A repeated message.
  @inlinable @inline(__always)
  public mutating func repeatedMessage<Message: WireMessage>(_ number: Int, _ list: [Message]) {
    unpacked(number, list, as: ProtoMessage<Message>.self)
  }
}
