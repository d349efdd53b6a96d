/// Text as it stands in a URL.
enum QueryText {
  /// Nil: a `%` that two hex digits do not follow, or bytes that are not UTF-8.
  static func decode(_ text: Substring, plusIsSpace: Bool = false) -> String? {
    var bytes: [UInt8] = []
    var rest = text.utf8[...]
    while let byte = rest.first {
      rest = rest.dropFirst()
      if byte == UInt8(ascii: "%") {
        let digits = rest.prefix(2)
        guard digits.count == 2, digits.allSatisfy({ Character(UnicodeScalar($0)).isHexDigit }),
          let value = UInt8(String(decoding: digits, as: UTF8.self), radix: 16)
        else { return nil }
        bytes.append(value)
        rest = rest.dropFirst(2)
      } else {
        bytes.append(plusIsSpace && byte == UInt8(ascii: "+") ? UInt8(ascii: " ") : byte)
      }
    }
    return bytes.withUnsafeBufferPointer { String(validating: $0, as: UTF8.self) }
  }

  /// Names and values, as HTML's forms write them; nil: one that cannot be decoded.
  static func parameters(_ query: Substring) -> [(name: String, value: String)]? {
    var parameters: [(name: String, value: String)] = []
    for part in query.split(separator: "&") {
      let end = part.firstIndex(of: "=") ?? part.endIndex
      guard let name = decode(part[..<end], plusIsSpace: true),
        let value = decode(
          end == part.endIndex ? "" : part[part.index(after: end)...], plusIsSpace: true)
      else { return nil }
      parameters.append((name, value))
    }
    return parameters
  }
}
