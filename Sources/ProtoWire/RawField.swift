/// A field of a message whose type is not known: its number, and its value as it stands on the
/// wire.
public struct RawField: Equatable, Sendable {
  public let number: Int
  public let wireType: WireType
  /// The value's bytes; where it is length-delimited, without the length.
  public let value: ArraySlice<UInt8>

  public init(number: Int, wireType: WireType, value: ArraySlice<UInt8>) {
    self.number = number
    self.wireType = wireType
    self.value = value
  }

  /// The fields of a message, in their order on the wire.
  public static func fields(of message: ArraySlice<UInt8>) throws(WireError) -> [RawField] {
    var fields: [RawField] = []
    try forEach(of: message) { fields.append($0) }
    return fields
  }

  /// Visits the fields of a message, in their order on the wire.
  public static func forEach(
    of message: ArraySlice<UInt8>, _ body: (RawField) -> Void
  ) throws(WireError) {
    let bytes = Array(message)
    try WireReader.withReader(over: bytes) { (reader) throws(WireError) in
      while let field = try reader.nextField() {
        let start = reader.offset
        try reader.skip(field)
        var value = bytes[start..<reader.offset]
        // The length is the varint in front.
        if field.wireType == .lengthDelimited {
          let length = value.firstIndex { $0 < 0x80 } ?? value.startIndex
          value = value[(length + 1)...]
        }
        body(RawField(number: field.number, wireType: field.wireType, value: value))
      }
    }
  }

  /// Bytes that `append(to:)` adds.
  public var encodedCount: Int {
    var count = value.count + Self.varintCount(UInt64(number) << 3)
    if wireType == .lengthDelimited { count += Self.varintCount(UInt64(value.count)) }
    return count
  }

  private static func varintCount(_ value: UInt64) -> Int {
    (70 - (value | 1).leadingZeroBitCount) / 7
  }

  /// Appends the field to a message.
  public func append(to message: inout [UInt8]) {
    Self.append(varint: UInt64(number) << 3 | UInt64(wireType.rawValue), to: &message)
    if wireType == .lengthDelimited {
      Self.append(varint: UInt64(value.count), to: &message)
    }
    message += value
  }

  private static func append(varint: UInt64, to message: inout [UInt8]) {
    var rest = varint
    while rest >= 0x80 {
      message.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    message.append(UInt8(truncatingIfNeeded: rest))
  }
}
