import HTTPTypes
import ProtoJSON

/// The routes that are served, in the order in which they are tried.
struct RouteTable: Sendable {
  /// A route and what it needs of its method.
  struct Entry: Sendable {
    let route: HTTPRoute
    let pattern: PathPattern
    let method: MethodSchema
    let input: MessageSchema
  }

  /// What a request's method and path lead to.
  enum Match {
    case route(Entry, fields: [(field: String, raw: Substring)])
    /// The path is there for these methods.
    case otherMethod([HTTPRequest.Method])
    case nothing
  }

  let entries: [Entry]

  init(_ routes: [HTTPRoute], _ catalog: ProtoCatalog) throws(RouteError) {
    var entries: [Entry] = []
    for route in routes {
      let pattern = PathPattern(route.path)
      guard let method = catalog.method(route.rpc), let input = catalog.messages[method.input]
      else { throw .unknownMethod(route.rpc) }
      for field in route.pathFields where input.field(named: field) == nil {
        throw .unknownField(field, route.path)
      }
      entries.append(Entry(route: route, pattern: pattern, method: method, input: input))
    }
    self.entries = entries.enumerated().sorted { left, right in
      if left.element.pattern.isMoreSpecific(than: right.element.pattern) { return true }
      if right.element.pattern.isMoreSpecific(than: left.element.pattern) { return false }
      return left.offset < right.offset
    }.map(\.element)
  }

  /// The path decides first: where a more specific one is there for other methods only, a less
  /// specific one does not stand in for it.
  func match(_ method: HTTPRequest.Method, _ path: Substring) -> Match {
    guard path.first == "/" else { return .nothing }
    let parts = path.dropFirst().split(separator: "/", omittingEmptySubsequences: false)
    guard let first = entries.first(where: { $0.pattern.match(parts) != nil }) else {
      return .nothing
    }
    let candidates = entries.filter { $0.pattern == first.pattern }
    guard let entry = candidates.first(where: { $0.route.method == method }),
      let fields = entry.pattern.match(parts)
    else { return .otherMethod(candidates.map(\.route.method)) }
    return .route(entry, fields: fields)
  }
}

/// What is wrong with a table of routes: an error of the program's own.
package enum RouteError: Error, Equatable {
  case unknownMethod(String)
  case unknownField(String, String)
}
