/// One more occurrence of a repeated field: a value, or for the packable types a packed run of
/// values, whichever of both came. Elements past `max` throw `tooManyElements`: two bytes on the
/// wire can be hundreds in memory, so give a `max` where a stranger sends the message.
extension WireReader {
  /// Values of any number type, bool or enum, packed or not.
  @inlinable
  public mutating func append<Proto: ProtoPackable>(
    _ field: WireField, to list: inout [Proto.Value], as type: Proto.Type, max: Int = .max
  ) throws(WireError) {
    if field.comes(as: .lengthDelimited) {
      let length = try length()
      let outerEnd = end
      end = position + length
      // Only into an empty list: reserving exactly, again and again, would copy it each time.
      if Proto.fixedSize > 0, list.isEmpty { list.reserveCapacity(length / Proto.fixedSize) }
      while position != end {
        if list.count >= max { throw tooMany(field, max) }
        list.append(try Proto.read(from: &self))
      }
      end = outerEnd
    } else if field.comes(as: Proto.wireType) {
      if list.count >= max { throw tooMany(field, max) }
      list.append(try Proto.read(from: &self))
    } else {
      throw field.wrongWireType()
    }
  }

  @usableFromInline
  func tooMany(_ field: WireField, _ max: Int) -> WireError {
    .tooManyElements(offset: field.offset, field: field.number, max: max)
  }

  /// `repeated int32`.
  @inlinable @inline(__always)
  public mutating func appendInt32(
    _ field: WireField, to list: inout [Int32], max: Int = .max
  ) throws(WireError) {
    try append(field, to: &list, as: ProtoInt32.self, max: max)
  }

  /// `repeated int64`.
  @inlinable @inline(__always)
  public mutating func appendInt64(
    _ field: WireField, to list: inout [Int64], max: Int = .max
  ) throws(WireError) {
    try append(field, to: &list, as: ProtoInt64.self, max: max)
  }

  /// `repeated uint32`.
  @inlinable @inline(__always)
  public mutating func appendUInt32(
    _ field: WireField, to list: inout [UInt32], max: Int = .max
  ) throws(WireError) {
    try append(field, to: &list, as: ProtoUInt32.self, max: max)
  }

  /// `repeated uint64`.
  @inlinable @inline(__always)
  public mutating func appendUInt64(
    _ field: WireField, to list: inout [UInt64], max: Int = .max
  ) throws(WireError) {
    try append(field, to: &list, as: ProtoUInt64.self, max: max)
  }

  /// `repeated sint32`.
  @inlinable @inline(__always)
  public mutating func appendSInt32(
    _ field: WireField, to list: inout [Int32], max: Int = .max
  ) throws(WireError) {
    try append(field, to: &list, as: ProtoSInt32.self, max: max)
  }

  /// `repeated sint64`.
  @inlinable @inline(__always)
  public mutating func appendSInt64(
    _ field: WireField, to list: inout [Int64], max: Int = .max
  ) throws(WireError) {
    try append(field, to: &list, as: ProtoSInt64.self, max: max)
  }

  /// `repeated bool`.
  @inlinable @inline(__always)
  public mutating func appendBool(
    _ field: WireField, to list: inout [Bool], max: Int = .max
  ) throws(WireError) {
    try append(field, to: &list, as: ProtoBool.self, max: max)
  }

  /// `repeated fixed32`.
  @inlinable @inline(__always)
  public mutating func appendFixed32(
    _ field: WireField, to list: inout [UInt32], max: Int = .max
  ) throws(WireError) {
    try append(field, to: &list, as: ProtoFixed32.self, max: max)
  }

  /// `repeated sfixed32`.
  @inlinable @inline(__always)
  public mutating func appendSFixed32(
    _ field: WireField, to list: inout [Int32], max: Int = .max
  ) throws(WireError) {
    try append(field, to: &list, as: ProtoSFixed32.self, max: max)
  }

  /// `repeated float`.
  @inlinable @inline(__always)
  public mutating func appendFloat(
    _ field: WireField, to list: inout [Float], max: Int = .max
  ) throws(WireError) {
    try append(field, to: &list, as: ProtoFloat.self, max: max)
  }

  /// `repeated fixed64`.
  @inlinable @inline(__always)
  public mutating func appendFixed64(
    _ field: WireField, to list: inout [UInt64], max: Int = .max
  ) throws(WireError) {
    try append(field, to: &list, as: ProtoFixed64.self, max: max)
  }

  /// `repeated sfixed64`.
  @inlinable @inline(__always)
  public mutating func appendSFixed64(
    _ field: WireField, to list: inout [Int64], max: Int = .max
  ) throws(WireError) {
    try append(field, to: &list, as: ProtoSFixed64.self, max: max)
  }

  /// `repeated double`.
  @inlinable @inline(__always)
  public mutating func appendDouble(
    _ field: WireField, to list: inout [Double], max: Int = .max
  ) throws(WireError) {
    try append(field, to: &list, as: ProtoDouble.self, max: max)
  }

  /// A repeated enum.
  @inlinable @inline(__always)
  public mutating func appendEnum<Enum: WireEnum>(
    _ field: WireField, to list: inout [Enum], max: Int = .max
  ) throws(WireError) {
    try append(field, to: &list, as: ProtoEnum<Enum>.self, max: max)
  }

  /// `repeated string`.
  @inlinable @inline(__always)
  public mutating func appendString(
    _ field: WireField, to list: inout [String], max: Int = .max
  ) throws(WireError) {
    if list.count >= max { throw tooMany(field, max) }
    list.append(try string(field))
  }

  /// `repeated bytes`.
  @inlinable @inline(__always)
  public mutating func appendBytes(
    _ field: WireField, to list: inout [[UInt8]], max: Int = .max
  ) throws(WireError) {
    if list.count >= max { throw tooMany(field, max) }
    list.append(try bytes(field))
  }

  /// A repeated message.
  @inlinable @inline(__always)
  public mutating func appendMessage<Message: WireMessage>(
    _ field: WireField, to list: inout [Message], max: Int = .max
  ) throws(WireError) {
    if list.count >= max { throw tooMany(field, max) }
    var element = Message()
    try message(field, into: &element)
    list.append(element)
  }
}
