/// Where in a document a value stands: `branches[0].undo.http`. Becomes text only where something
/// is wrong there.
indirect enum JSONPath: CustomStringConvertible {
  case root
  case member(JSONPath, String)
  case element(JSONPath, Int)
  case key(JSONPath, String)

  var description: String {
    switch self {
    case .root: ""
    case .member(.root, let name): Self.cut(name)
    case .member(let outer, let name): "\(outer).\(Self.cut(name))"
    case .element(let outer, let index): "\(outer)[\(index)]"
    case .key(let outer, let key): "\(outer)[\(JSONValue.string(Self.cut(key)).text)]"
    }
  }

  /// Names come from strangers, and are not quoted at any length.
  private static func cut(_ name: String) -> String {
    name.utf8.count > 128 ? String(name.unicodeScalars.prefix(100)) + "…" : name
  }
}

/// Why a JSON document is not the message that it should be, or why a message has no JSON form.
package struct JSONMappingError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The value: `branches[0].undo.htttp`; empty: the whole document.
  package var path: String
  /// What is wrong, and what would be right.
  package var problem: String

  init(_ path: JSONPath, _ problem: String) {
    self.path = path.description
    self.problem = problem
  }

  package var description: String { path.isEmpty ? problem : "\(path): \(problem)" }
}
