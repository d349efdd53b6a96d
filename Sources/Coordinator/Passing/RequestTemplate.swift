import ProtoJSON

/// An HTTP request in which parts of earlier replies are to be set: a JSON document as body, and
/// headers.
///
/// Only strings hold references, never names, so whatever a reply contains, the body stays the
/// document that was registered.
struct RequestTemplate: Equatable, Sendable {
  /// Why a template cannot be read.
  struct Malformed: Error, Equatable {
    /// The header it stands in; nil: the payload.
    let header: String?
    let text: String
  }

  /// A part of the body.
  private enum Piece: Equatable {
    /// Stands for itself, as it goes out.
    case fixed([UInt8])
    /// A value as the reply has it.
    case value(ReplyReference)
    /// A string with values inside.
    case string(TemplateText)
  }

  private struct Header: Equatable {
    let name: String
    let value: TemplateText
  }

  /// One after the other they are the document; empty: no body.
  private let body: [Piece]
  private let headers: [Header]
  /// All of them, in no particular order.
  let references: [ReplyReference]

  /// - Parameter metadata: the headers, whose names were checked
  init(payload: [UInt8], metadata: [String: String]) throws(Malformed) {
    var found: [ReplyReference] = []
    if payload.isEmpty {
      body = []
    } else {
      let document: JSONValue
      do {
        document = try JSONValue(parsing: payload)
      } catch {
        throw Malformed(header: nil, text: "\(error)")
      }
      do {
        var reader = BodyReader()
        try reader.read(document)
        body = reader.whole
        found = reader.references
      } catch {
        throw Malformed(header: nil, text: error.text)
      }
    }
    var headers: [Header] = []
    for (name, value) in metadata.sorted(by: { $0.key < $1.key }) {
      do {
        let text = try TemplateText(value)
        found += text.references
        headers.append(Header(name: name, value: text))
      } catch {
        throw Malformed(header: name, text: error.text)
      }
    }
    self.headers = headers
    references = found
  }

  /// Cuts a document at its references.
  private struct BodyReader {
    private var pieces: [Piece] = []
    private var fixed: [UInt8] = []
    private(set) var references: [ReplyReference] = []

    mutating func read(_ value: JSONValue) throws(TemplateText.Malformed) {
      switch value {
      case .null, .bool, .number: value.append(to: &fixed)
      case .string(let string):
        let text = try TemplateText(string)
        if text.references.isEmpty { return value.append(to: &fixed) }
        references += text.references
        cut()
        pieces.append(text.onlyReference.map { .value($0) } ?? .string(text))
      case .array(let values):
        fixed.append(UInt8(ascii: "["))
        for (index, value) in values.enumerated() {
          if index > 0 { fixed.append(UInt8(ascii: ",")) }
          try read(value)
        }
        fixed.append(UInt8(ascii: "]"))
      case .object(let members):
        fixed.append(UInt8(ascii: "{"))
        for (index, member) in members.enumerated() {
          if index > 0 { fixed.append(UInt8(ascii: ",")) }
          JSONValue.string(member.name).append(to: &fixed)
          fixed.append(UInt8(ascii: ":"))
          try read(member.value)
        }
        fixed.append(UInt8(ascii: "}"))
      }
    }

    private mutating func cut() {
      if fixed.isEmpty { return }
      pieces.append(.fixed(fixed))
      fixed = []
    }

    var whole: [Piece] { fixed.isEmpty ? pieces : pieces + [.fixed(fixed)] }
  }

  /// The request with the replies in it.
  ///
  /// - Parameter reply: the bytes of the reply that a reference names; nil: its fallback counts
  func fill(
    within limits: Passing.Limits,
    from reply: (ReplyReference) throws(Passing.Problem) -> [UInt8]?
  ) throws(Passing.Problem) -> (payload: [UInt8], metadata: [(name: String, value: String)]) {
    var replies: [String: JSONValue] = [:]
    func value(_ reference: ReplyReference) throws(Passing.Problem) -> JSONValue {
      guard let bytes = try reply(reference) else { return reference.fallback ?? .null }
      var document = replies[reference.branch]
      if document == nil {
        do {
          document = try JSONValue(parsing: bytes)
        } catch {
          throw Passing.Problem(branch: reference.branch, text: "its reply is not JSON: \(error)")
        }
        replies[reference.branch] = document
      }
      guard let found = document.flatMap({ reference.pointer.value(in: $0) }) else {
        throw Passing.Problem(
          branch: reference.branch, text: "its reply has no \(reference.pointerText)")
      }
      return found
    }
    var payload = limits.emptyPayload
    for piece in body {
      switch piece {
      case .fixed(let bytes): try payload.append(bytes)
      case .value(let reference): try payload.append(value(reference).bytes)
      case .string(let template):
        var text = payload.rest
        try template.fill(&text, with: value)
        try payload.append(JSONValue.string(String(decoding: text.bytes, as: UTF8.self)).bytes)
      }
    }
    return (payload.bytes, try filledHeaders(within: limits, value))
  }

  private func filledHeaders(
    within limits: Passing.Limits,
    _ value: (ReplyReference) throws(Passing.Problem) -> JSONValue
  ) throws(Passing.Problem) -> [(name: String, value: String)] {
    var filled: [(name: String, value: String)] = []
    var all = limits.emptyMetadata
    for header in headers {
      var text = all.rest
      try header.value.fill(&text, with: value)
      try all.append(header.name.utf8)
      try all.append(text.bytes)
      let written = String(decoding: text.bytes, as: UTF8.self)
      if !FieldValue.isLegal(written), let reference = header.value.references.first {
        throw Passing.Problem(
          branch: reference.branch,
          text: "\(reference.pointerText) of its reply can stand in no header")
      }
      filled.append((header.name, written))
    }
    return filled
  }
}
