/// A place in a JSON document (RFC 6901): `/reservation/id`, `/items/0`; empty: the whole document.
package struct JSONPointer: Equatable, Sendable {
  /// The names and indices on the way, unescaped.
  package let tokens: [String]

  /// Nil where the text is no pointer: it neither is empty nor begins with `/`, or has a `~` that
  /// is not `~0` or `~1`.
  package init?(_ text: String) {
    if text.isEmpty {
      tokens = []
      return
    }
    guard text.utf8.first == UInt8(ascii: "/") else { return nil }
    var tokens: [String] = []
    let parts = Array(text.utf8).split(
      separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
    for part in parts.dropFirst() {
      guard let token = Self.unescaped(part) else { return nil }
      tokens.append(token)
    }
    self.tokens = tokens
  }

  private static func unescaped(_ part: ArraySlice<UInt8>) -> String? {
    var bytes: [UInt8] = []
    var isEscape = false
    for byte in part {
      if isEscape {
        switch byte {
        case UInt8(ascii: "0"): bytes.append(UInt8(ascii: "~"))
        case UInt8(ascii: "1"): bytes.append(UInt8(ascii: "/"))
        default: return nil
        }
        isEscape = false
      } else if byte == UInt8(ascii: "~") {
        isEscape = true
      } else {
        bytes.append(byte)
      }
    }
    return isEscape ? nil : String(decoding: bytes, as: UTF8.self)
  }

  /// The value at this place; nil: there is none.
  package func value(in document: JSONValue) -> JSONValue? {
    var value = document
    for token in tokens {
      switch value {
      case .object:
        guard let member = value[token] else { return nil }
        value = member
      case .array(let values):
        guard let index = Self.index(token), index < values.count else { return nil }
        value = values[index]
      case .null, .bool, .number, .string: return nil
      }
    }
    return value
  }

  /// An index as RFC 6901, section 4, writes it: digits, without a leading zero.
  private static func index(_ token: String) -> Int? {
    let digits = token.utf8
    guard let first = digits.first, digits.allSatisfy({ $0 &- UInt8(ascii: "0") < 10 }),
      digits.count == 1 || first != UInt8(ascii: "0")
    else { return nil }
    return Int(token)
  }
}
