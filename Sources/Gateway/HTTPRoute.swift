package import HTTPTypes

/// One row of the route table: an HTTP method and a path, and the method of a service that they
/// reach.
package struct HTTPRoute: Sendable, Equatable {
  package let method: HTTPRequest.Method
  /// As `google.api.http` writes it: `/v1/transactions/{id}:commit`. `{field}` is one segment, or
  /// all of one but a verb.
  package let path: String
  /// `/package.Service/Method`.
  package let rpc: String
  /// The name of the events of a method that gives any number of responses.
  package let event: String

  private init(_ method: HTTPRequest.Method, _ path: String, _ rpc: String, event: String) {
    self.method = method
    self.path = path
    self.rpc = rpc
    self.event = event
  }

  /// A GET: the fields of the request that are not in the path are query parameters.
  package static func get(
    _ path: String, _ rpc: String, event: String = "message"
  ) -> HTTPRoute {
    HTTPRoute(.get, path, rpc, event: event)
  }

  /// A POST: the body is the request, but for the fields in the path.
  package static func post(_ path: String, _ rpc: String) -> HTTPRoute {
    HTTPRoute(.post, path, rpc, event: "")
  }

  /// Whether the request comes as a body.
  package var hasBody: Bool { method == .post }

  /// Names of the fields in the path.
  package var pathFields: [String] { PathPattern(path).segments.compactMap(\.field) }
}

/// The path of a route, taken apart.
struct PathPattern: Equatable {
  /// What stands between two slashes.
  struct Segment: Equatable {
    /// The field that it goes into; nil: it is literal.
    var field: String?
    /// The literal text, or the verb behind the field with its colon; empty: none.
    var text: String

    init(_ text: Substring) {
      guard text.first == "{", let end = text.firstIndex(of: "}") else {
        self.text = String(text)
        return
      }
      field = String(text[text.index(after: text.startIndex)..<end])
      self.text = String(text[text.index(after: end)...])
    }

    /// The undecoded value of the field, empty for a literal; nil: another segment.
    func match(_ raw: Substring) -> Substring? {
      guard field != nil else { return raw == text ? raw.prefix(0) : nil }
      guard raw.hasSuffix(text), raw.utf8.count > text.utf8.count else { return nil }
      return raw.dropLast(text.count)
    }

    /// The heavier segment is tried first: literal text, then a field with a verb after it, then a
    /// field alone.
    var weight: Int { field == nil ? 2 : (text.isEmpty ? 0 : 1) }
  }

  let segments: [Segment]

  init(_ path: String) {
    segments = path.dropFirst().split(separator: "/", omittingEmptySubsequences: false)
      .map(Segment.init)
  }

  /// The undecoded values of the fields in the path; nil: another path.
  func match(_ parts: [Substring]) -> [(field: String, raw: Substring)]? {
    guard parts.count == segments.count else { return nil }
    var values: [(field: String, raw: Substring)] = []
    for (segment, part) in zip(segments, parts) {
      guard let raw = segment.match(part) else { return nil }
      if let field = segment.field { values.append((field, raw)) }
    }
    return values
  }

  /// Whether it is to be tried before another.
  func isMoreSpecific(than other: PathPattern) -> Bool {
    other.segments.map(\.weight).lexicographicallyPrecedes(segments.map(\.weight))
  }
}
