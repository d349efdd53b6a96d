/// One value of a field. Each throws `wrongWireType` when the field came as something else.
extension WireReader {
  /// A value of any number type, bool or enum.
  @inlinable @inline(__always)
  public mutating func value<Proto: ProtoPackable>(
    _ field: WireField, as type: Proto.Type
  ) throws(WireError) -> Proto.Value {
    guard field.comes(as: Proto.wireType) else { throw field.wrongWireType() }
    return try Proto.read(from: &self)
  }

  /// `int32`.
  @inlinable @inline(__always)
  public mutating func int32(_ field: WireField) throws(WireError) -> Int32 {
    try value(field, as: ProtoInt32.self)
  }

  /// `int64`.
  @inlinable @inline(__always)
  public mutating func int64(_ field: WireField) throws(WireError) -> Int64 {
    try value(field, as: ProtoInt64.self)
  }

  /// `uint32`.
  @inlinable @inline(__always)
  public mutating func uint32(_ field: WireField) throws(WireError) -> UInt32 {
    try value(field, as: ProtoUInt32.self)
  }

  /// `uint64`.
  @inlinable @inline(__always)
  public mutating func uint64(_ field: WireField) throws(WireError) -> UInt64 {
    try value(field, as: ProtoUInt64.self)
  }

  /// `sint32`.
  @inlinable @inline(__always)
  public mutating func sint32(_ field: WireField) throws(WireError) -> Int32 {
    try value(field, as: ProtoSInt32.self)
  }

  /// `sint64`.
  @inlinable @inline(__always)
  public mutating func sint64(_ field: WireField) throws(WireError) -> Int64 {
    try value(field, as: ProtoSInt64.self)
  }

  /// `bool`.
  @inlinable @inline(__always)
  public mutating func bool(_ field: WireField) throws(WireError) -> Bool {
    try value(field, as: ProtoBool.self)
  }

  /// `fixed32`.
  @inlinable @inline(__always)
  public mutating func fixed32(_ field: WireField) throws(WireError) -> UInt32 {
    try value(field, as: ProtoFixed32.self)
  }

  /// `sfixed32`.
  @inlinable @inline(__always)
  public mutating func sfixed32(_ field: WireField) throws(WireError) -> Int32 {
    try value(field, as: ProtoSFixed32.self)
  }

  /// `float`.
  @inlinable @inline(__always)
  public mutating func float(_ field: WireField) throws(WireError) -> Float {
    try value(field, as: ProtoFloat.self)
  }

  /// `fixed64`.
  @inlinable @inline(__always)
  public mutating func fixed64(_ field: WireField) throws(WireError) -> UInt64 {
    try value(field, as: ProtoFixed64.self)
  }

  /// `sfixed64`.
  @inlinable @inline(__always)
  public mutating func sfixed64(_ field: WireField) throws(WireError) -> Int64 {
    try value(field, as: ProtoSFixed64.self)
  }

  /// `double`.
  @inlinable @inline(__always)
  public mutating func double(_ field: WireField) throws(WireError) -> Double {
    try value(field, as: ProtoDouble.self)
  }

  /// An enum, values without a name included.
  @inlinable @inline(__always)
  public mutating func `enum`<Enum: WireEnum>(
    _ field: WireField, as type: Enum.Type = Enum.self
  ) throws(WireError) -> Enum {
    try value(field, as: ProtoEnum<Enum>.self)
  }

  /// `string`, checked to be UTF-8.
  @inlinable @inline(__always)
  public mutating func string(_ field: WireField) throws(WireError) -> String {
    guard field.comes(as: .lengthDelimited) else { throw field.wrongWireType() }
    return try stringValue()
  }

  /// `bytes`.
  @inlinable @inline(__always)
  public mutating func bytes(_ field: WireField) throws(WireError) -> [UInt8] {
    guard field.comes(as: .lengthDelimited) else { throw field.wrongWireType() }
    return try bytesValue()
  }

  /// A message with presence: made when it is nil, else merged into.
  @inlinable @inline(__always)
  public mutating func message<Message: WireMessage>(
    _ field: WireField, into message: inout Message?
  ) throws(WireError) {
    guard field.comes(as: .lengthDelimited) else { throw field.wrongWireType() }
    let outerEnd = try enterMessage(at: field.offset)
    if message == nil { message = Message() }
    try message?.merge(from: &self)
    leaveMessage(outerEnd: outerEnd)
  }

  /// A message whose presence does not matter: merged into.
  @inlinable @inline(__always)
  public mutating func message<Message: WireMessage>(
    _ field: WireField, into message: inout Message
  ) throws(WireError) {
    guard field.comes(as: .lengthDelimited) else { throw field.wrongWireType() }
    try ProtoMessage<Message>.read(into: &message, from: &self, at: field.offset)
  }
}
