import ProtoJSON

/// `<id>.reply.json:<pointer>`, and after a `|` what is used where the outcome of the branch is
/// unknown.
struct ReplyReference: Equatable, Sendable {
  let branch: String
  let pointer: JSONPointer
  /// The pointer as it was written, for people: its beginning where it is long.
  let pointerText: String
  /// As JSON where it is JSON, else as a string.
  let fallback: JSONValue?

  /// Reads a reference that begins behind its `${branch.`, and leaves what follows its `}`.
  init(consuming text: inout ArraySlice<UInt8>) throws(TemplateText.Malformed) {
    let begin = text
    guard let end = text.firstIndex(where: { $0 == Self.bar || $0 == Self.brace }) else {
      throw Self.endless(begin)
    }
    let place = text[..<end]
    text = text[(end + 1)...]
    guard let middle = place.firstRange(of: Self.middle) else {
      throw TemplateText.Malformed(
        text: "a reference reads ${branch.<id>.reply.json:<pointer>}: " + Self.quoted(place))
    }
    branch = String(decoding: place[..<middle.lowerBound], as: UTF8.self)
    let written = String(decoding: place[middle.upperBound...], as: UTF8.self)
    guard let decoded = Self.percentDecoded(written), let pointer = JSONPointer(decoded) else {
      throw TemplateText.Malformed(
        text:
          "\(Quotation.of(written)) is no JSON pointer (RFC 6901), which is empty "
          + "or begins with /")
    }
    self.pointer = pointer
    let start = written.cut(toBytes: Quotation.bytesMax)
    pointerText = start == written ? written : start + "…"
    fallback = begin[end] == Self.bar ? try Self.fallback(consuming: &text, of: begin) : nil
  }

  private static let middle = Array(".reply.json:".utf8)
  private static let bar = UInt8(ascii: "|")
  private static let brace = UInt8(ascii: "}")

  /// Objects, arrays and strings may hold a `}`, so they end where JSON ends them; all else ends at
  /// the first one.
  private static func fallback(
    consuming text: inout ArraySlice<UInt8>, of reference: ArraySlice<UInt8>
  ) throws(TemplateText.Malformed) -> JSONValue {
    let isSpace = { (byte: UInt8) in " \t\n\r".utf8.contains(byte) }
    switch text.first(where: { !isSpace($0) }) {
    case UInt8(ascii: "{"), UInt8(ascii: "["), UInt8(ascii: "\""):
      let value: JSONValue
      do {
        value = try JSONValue(consuming: &text)
      } catch {
        throw TemplateText.Malformed(
          text: "a fallback that begins with {, [ or \" is JSON, and \(error): "
            + quoted(reference))
      }
      text = text.drop(while: isSpace)
      guard text.first == brace else { throw endless(reference) }
      text = text.dropFirst()
      return value
    default:
      guard let end = text.firstIndex(of: brace) else { throw endless(reference) }
      let written = Array(text[..<end])
      text = text[(end + 1)...]
      return (try? JSONValue(parsing: written)) ?? .string(String(decoding: written, as: UTF8.self))
    }
  }

  private static func endless(_ reference: ArraySlice<UInt8>) -> TemplateText.Malformed {
    TemplateText.Malformed(text: "a reference ends with }: " + quoted(reference))
  }

  /// A reference as a description repeats it.
  private static func quoted(_ reference: ArraySlice<UInt8>) -> String {
    Quotation.of("${branch." + String(decoding: reference, as: UTF8.self))
  }

  /// RFC 6901, section 6: a pointer as a URI's fragment.
  private static func percentDecoded(_ text: String) -> String? {
    var bytes: [UInt8] = []
    var rest = text.utf8[...]
    while let byte = rest.popFirst() {
      guard byte == UInt8(ascii: "%") else {
        bytes.append(byte)
        continue
      }
      guard let digits = String(rest.prefix(2)), digits.utf8.count == 2,
        digits.utf8.allSatisfy({
          UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 || 0x61...0x66 ~= $0 | 0x20
        }),
        let value = UInt8(digits, radix: 16)
      else { return nil }
      bytes.append(value)
      rest = rest.dropFirst(2)
    }
    return String(validating: bytes, as: UTF8.self)
  }
}
