/// Why bytes are not a protobuf message. Every case carries the offset of the first byte of what
/// could not be read, counted from the start of the outermost message.
public enum WireError: Error, Equatable, Sendable {
  /// A varint, a fixed32 or a fixed64 was cut off by the end of its message.
  case truncated(offset: Int)
  /// A varint of more than 10 bytes, or of more than 64 bits.
  case overlongVarint(offset: Int)
  /// A tag with field number 0 or above 2^29-1, with wire type 6 or 7, of more than 5 bytes, or an
  /// end of a group that was not begun.
  case badTag(offset: Int)
  /// A known field that did not come in the wire type its schema asks for.
  case wrongWireType(offset: Int, field: Int, found: WireType)
  /// A string field that is not UTF-8.
  case invalidUTF8(offset: Int)
  /// Messages and groups nested deeper than `WireReader.nestingMax`.
  case nestingTooDeep(offset: Int)
  /// A length that is larger than what is left of the message it stands in.
  case lengthBeyondEnd(offset: Int)
  /// A repeated field with more elements than its reader allows.
  case tooManyElements(offset: Int, field: Int, max: Int)
}

extension WireError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .truncated(let offset):
      "the message ends inside the value at byte \(offset)"
    case .overlongVarint(let offset):
      "the varint at byte \(offset) has more than 64 bits"
    case .badTag(let offset):
      "no valid field tag at byte \(offset)"
    case .wrongWireType(let offset, let field, let found):
      "field \(field) at byte \(offset) has wire type \(found), which is not its schema's"
    case .invalidUTF8(let offset):
      "the string at byte \(offset) is not UTF-8"
    case .nestingTooDeep(let offset):
      "messages nest deeper than \(WireReader.nestingMax) levels at byte \(offset)"
    case .lengthBeyondEnd(let offset):
      "the length at byte \(offset) is larger than what is left of its message"
    case .tooManyElements(let offset, let field, let max):
      "field \(field) has more than \(max) elements at byte \(offset)"
    }
  }
}
