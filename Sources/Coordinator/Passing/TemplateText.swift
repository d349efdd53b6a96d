import ProtoJSON

/// A text with references in it: `Bearer ${branch.login.reply.json:/token}`.
struct TemplateText: Equatable, Sendable {
  enum Part: Equatable, Sendable {
    case literal(String)
    case reference(ReplyReference)
  }

  struct Malformed: Error, Equatable {
    let text: String
  }

  let parts: [Part]

  /// Reads a text; what begins with `${branch.` has to be a reference, everything else stands for
  /// itself.
  init(_ text: String) throws(Malformed) {
    var parts: [Part] = []
    var rest = text[...]
    while let start = rest.firstRange(of: "${branch.") {
      if start.lowerBound > rest.startIndex {
        parts.append(.literal(String(rest[..<start.lowerBound])))
      }
      guard let end = rest[start.upperBound...].firstIndex(of: "}") else {
        throw Malformed(text: "a reference ends with }: \(FieldViolations.quoted(String(rest)))")
      }
      parts.append(.reference(try ReplyReference(rest[start.upperBound..<end])))
      rest = rest[rest.index(after: end)...]
    }
    if !rest.isEmpty { parts.append(.literal(String(rest))) }
    self.parts = parts
  }

  var references: [ReplyReference] {
    parts.compactMap { if case .reference(let reference) = $0 { reference } else { nil } }
  }

  /// A string of a body with values in it: a reference that is the whole string gives its value as
  /// it is.
  func filled(
    with value: (ReplyReference) throws(Passing.Problem) -> JSONValue
  ) throws(Passing.Problem) -> JSONValue {
    if parts.count == 1, case .reference(let reference) = parts[0] { return try value(reference) }
    return .string(try text(with: value))
  }

  /// A header with values in it.
  func headerValue(
    with value: (ReplyReference) throws(Passing.Problem) -> JSONValue
  ) throws(Passing.Problem) -> String {
    let text = try text(with: value)
    if !RequestRules.isFieldValue(text), let reference = references.first {
      throw Passing.Problem(
        branch: reference.branch,
        text: "\(reference.pointerText) of its reply can stand in no header")
    }
    return text
  }

  private func text(
    with value: (ReplyReference) throws(Passing.Problem) -> JSONValue
  ) throws(Passing.Problem) -> String {
    var text = ""
    for part in parts {
      switch part {
      case .literal(let literal): text += literal
      case .reference(let reference):
        switch try value(reference) {
        case .string(let string): text += string
        case .number(let number): text += number
        case .bool(let bool): text += bool ? "true" : "false"
        case .null, .array, .object:
          throw Passing.Problem(
            branch: reference.branch,
            text:
              "\(reference.pointerText) of its reply is no string, number or boolean, and stands "
              + "inside of other text")
        }
      }
    }
    return text
  }
}

/// `<id>.reply.json:<pointer>`, and after a `|` what is used where the outcome of the branch is
/// unknown.
struct ReplyReference: Equatable, Sendable {
  let branch: String
  let pointer: JSONPointer
  /// The pointer as it was written, for people.
  let pointerText: String
  let fallback: String?

  init(_ text: Substring) throws(TemplateText.Malformed) {
    guard let middle = text.firstRange(of: ".reply.json:") else {
      throw TemplateText.Malformed(
        text: "a reference reads ${branch.<id>.reply.json:<pointer>}: "
          + FieldViolations.quoted("${branch.\(text)}"))
    }
    branch = String(text[..<middle.lowerBound])
    var place = text[middle.upperBound...]
    if let bar = place.firstIndex(of: "|") {
      fallback = String(place[place.index(after: bar)...])
      place = place[..<bar]
    } else {
      fallback = nil
    }
    pointerText = String(place)
    guard let decoded = Self.percentDecoded(place), let pointer = JSONPointer(decoded) else {
      throw TemplateText.Malformed(
        text:
          "\(FieldViolations.quoted(pointerText)) is no JSON pointer (RFC 6901), which is empty "
          + "or begins with /")
    }
    self.pointer = pointer
  }

  /// The fallback as JSON where it is JSON, else as a string.
  var fallbackValue: JSONValue {
    let text = fallback ?? ""
    return (try? JSONValue(parsing: text)) ?? .string(text)
  }

  /// RFC 6901, section 6: a pointer as a URI's fragment.
  private static func percentDecoded(_ text: Substring) -> String? {
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
