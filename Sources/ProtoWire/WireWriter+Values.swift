/// One field with one value. A default is not written, unless `always`: a oneof's member is there
/// even when it holds its type's default.
extension WireWriter {
  /// `int32`.
  @inlinable @inline(__always)
  public mutating func int32(_ number: Int, _ value: Int32, always: Bool = false) {
    varintField(number, ProtoInt32.bits(of: value), always)
  }

  /// `int64`.
  @inlinable @inline(__always)
  public mutating func int64(_ number: Int, _ value: Int64, always: Bool = false) {
    varintField(number, ProtoInt64.bits(of: value), always)
  }

  /// `uint32`.
  @inlinable @inline(__always)
  public mutating func uint32(_ number: Int, _ value: UInt32, always: Bool = false) {
    varintField(number, ProtoUInt32.bits(of: value), always)
  }

  /// `uint64`.
  @inlinable @inline(__always)
  public mutating func uint64(_ number: Int, _ value: UInt64, always: Bool = false) {
    varintField(number, ProtoUInt64.bits(of: value), always)
  }

  /// `sint32`.
  @inlinable @inline(__always)
  public mutating func sint32(_ number: Int, _ value: Int32, always: Bool = false) {
    varintField(number, ProtoSInt32.bits(of: value), always)
  }

  /// `sint64`.
  @inlinable @inline(__always)
  public mutating func sint64(_ number: Int, _ value: Int64, always: Bool = false) {
    varintField(number, ProtoSInt64.bits(of: value), always)
  }

  /// `bool`.
  @inlinable @inline(__always)
  public mutating func bool(_ number: Int, _ value: Bool, always: Bool = false) {
    varintField(number, ProtoBool.bits(of: value), always)
  }

  /// `fixed32`.
  @inlinable @inline(__always)
  public mutating func fixed32(_ number: Int, _ value: UInt32, always: Bool = false) {
    fixed4Field(number, ProtoFixed32.bits(of: value), always)
  }

  /// `sfixed32`.
  @inlinable @inline(__always)
  public mutating func sfixed32(_ number: Int, _ value: Int32, always: Bool = false) {
    fixed4Field(number, ProtoSFixed32.bits(of: value), always)
  }

  /// `float`. A -0 is written.
  @inlinable @inline(__always)
  public mutating func float(_ number: Int, _ value: Float, always: Bool = false) {
    fixed4Field(number, ProtoFloat.bits(of: value), always)
  }

  /// `fixed64`.
  @inlinable @inline(__always)
  public mutating func fixed64(_ number: Int, _ value: UInt64, always: Bool = false) {
    fixed8Field(number, ProtoFixed64.bits(of: value), always)
  }

  /// `sfixed64`.
  @inlinable @inline(__always)
  public mutating func sfixed64(_ number: Int, _ value: Int64, always: Bool = false) {
    fixed8Field(number, ProtoSFixed64.bits(of: value), always)
  }

  /// `double`. A -0 is written.
  @inlinable @inline(__always)
  public mutating func double(_ number: Int, _ value: Double, always: Bool = false) {
    fixed8Field(number, ProtoDouble.bits(of: value), always)
  }

  /// An enum, values without a name included.
  @inlinable @inline(__always)
  public mutating func `enum`<Enum: WireEnum>(
    _ number: Int, _ value: Enum, always: Bool = false
  ) {
    varintField(number, ProtoEnum<Enum>.bits(of: value), always)
  }

  /// `string`.
  @inlinable @inline(__always)
  public mutating func string(_ number: Int, _ value: String, always: Bool = false) {
    if always || !value.isEmpty {
      tag(number, .lengthDelimited)
      stringValue(value)
    }
  }

  /// `bytes`.
  @inlinable @inline(__always)
  public mutating func bytes(_ number: Int, _ value: [UInt8], always: Bool = false) {
    if always || !value.isEmpty {
      tag(number, .lengthDelimited)
      bytesValue(value)
    }
  }

  /// A message with presence: written unless nil, empty or not.
  @inlinable @inline(__always)
  public mutating func message<Message: WireMessage>(_ number: Int, _ value: Message?) {
    if let value { message(number, value, always: true) }
  }

  /// A message whose presence does not matter: not written when all its fields are at their
  /// default.
  @inlinable @inline(__always)
  public mutating func message<Message: WireMessage>(
    _ number: Int, _ value: Message, always: Bool = false
  ) {
    let before = count
    tag(number, .lengthDelimited)
    let start = openLength()
    value.encode(into: &self)
    if count == start && !always {
      count = before
    } else {
      closeLength(at: start)
    }
  }
}
