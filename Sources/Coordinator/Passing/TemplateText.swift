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
    // Most strings hold none.
    guard text.utf8.contains(UInt8(ascii: "$")) else {
      parts = text.isEmpty ? [] : [.literal(text)]
      return
    }
    var parts: [Part] = []
    var rest = Array(text.utf8)[...]
    while let start = rest.firstRange(of: Self.opening) {
      if start.lowerBound > rest.startIndex {
        parts.append(.literal(String(decoding: rest[..<start.lowerBound], as: UTF8.self)))
      }
      rest = rest[start.upperBound...]
      parts.append(.reference(try ReplyReference(consuming: &rest)))
    }
    if !rest.isEmpty { parts.append(.literal(String(decoding: rest, as: UTF8.self))) }
    self.parts = parts
  }

  private static let opening = Array("${branch.".utf8)

  var references: [ReplyReference] {
    parts.compactMap { if case .reference(let reference) = $0 { reference } else { nil } }
  }

  /// The reference that is the whole text; nil: there is none, or something beside it.
  var onlyReference: ReplyReference? {
    if parts.count == 1, case .reference(let reference) = parts[0] { return reference }
    return nil
  }

  /// Appends the text with values in it.
  func fill(
    _ text: inout BoundedBytes, with value: (ReplyReference) throws(Passing.Problem) -> JSONValue
  ) throws(Passing.Problem) {
    for part in parts {
      switch part {
      case .literal(let literal): try text.append(literal.utf8)
      case .reference(let reference):
        switch try value(reference) {
        case .string(let string): try text.append(string.utf8)
        case .number(let number): try text.append(number.utf8)
        case .bool(let bool): try text.append((bool ? "true" : "false").utf8)
        case .null, .array, .object:
          throw Passing.Problem(
            branch: reference.branch,
            text:
              "\(reference.pointerText) of its reply is no string, number or boolean, and stands "
              + "inside of other text")
        }
      }
    }
  }
}
