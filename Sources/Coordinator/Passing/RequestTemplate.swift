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

  /// Nil: no body.
  private let body: JSONValue?
  private let headers: [(name: String, value: TemplateText)]
  /// All of them, in no particular order.
  let references: [ReplyReference]

  /// - Parameter metadata: the headers, whose names were checked
  init(payload: [UInt8], metadata: [String: String]) throws(Malformed) {
    var found: [ReplyReference] = []
    if payload.isEmpty {
      body = nil
    } else {
      let document: JSONValue
      do {
        document = try JSONValue(parsing: payload)
      } catch {
        throw Malformed(header: nil, text: "\(error)")
      }
      do {
        try document.forEachString { (text) throws(TemplateText.Malformed) in
          found += try TemplateText(text).references
        }
      } catch {
        throw Malformed(header: nil, text: error.text)
      }
      body = document
    }
    var headers: [(name: String, value: TemplateText)] = []
    for (name, value) in metadata.sorted(by: { $0.key < $1.key }) {
      do {
        let text = try TemplateText(value)
        found += text.references
        headers.append((name, text))
      } catch {
        throw Malformed(header: name, text: error.text)
      }
    }
    self.headers = headers
    references = found
  }

  static func == (left: RequestTemplate, right: RequestTemplate) -> Bool {
    left.body == right.body && left.headers.elementsEqual(right.headers, by: ==)
  }

  /// The request with the replies in it.
  ///
  /// - Parameter reply: the bytes of the reply that a reference names; nil: its fallback counts
  func fill(
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
    var payload: [UInt8] = []
    if let body {
      let filled = try body.mapStrings { (text) throws(Passing.Problem) in
        // It was read when the template was made.
        guard let template = try? TemplateText(text) else { return .string(text) }
        return try template.filled(with: value)
      }
      payload = Array(filled.text.utf8)
    }
    var metadata: [(name: String, value: String)] = []
    for (name, template) in headers {
      metadata.append((name, try template.headerValue(with: value)))
    }
    return (payload, metadata)
  }
}

extension JSONValue {
  /// Visits the strings of a document, but not the names of members.
  fileprivate func forEachString<Failure: Error>(
    _ body: (String) throws(Failure) -> Void
  ) throws(Failure) {
    switch self {
    case .string(let text): try body(text)
    case .array(let values):
      for value in values { try value.forEachString(body) }
    case .object(let members):
      for member in members { try member.value.forEachString(body) }
    case .null, .bool, .number: break
    }
  }

  /// The document with other values where strings were.
  fileprivate func mapStrings<Failure: Error>(
    _ body: (String) throws(Failure) -> JSONValue
  ) throws(Failure) -> JSONValue {
    switch self {
    case .string(let text): return try body(text)
    case .array(let values):
      var mapped: [JSONValue] = []
      for value in values { mapped.append(try value.mapStrings(body)) }
      return .array(mapped)
    case .object(let members):
      var mapped: [Member] = []
      for member in members {
        mapped.append(Member(member.name, try member.value.mapStrings(body)))
      }
      return .object(mapped)
    case .null, .bool, .number: return self
    }
  }
}
