import HTTP2

/// The methods that a server has, found by the bytes of `:path` without making a String of them.
package struct MethodTable: Sendable {
  package enum Kind: Sendable {
    /// One message each way; delivered whole.
    case unary
    /// Messages as they come, in both directions.
    case streaming
  }

  package struct Method: Sendable {
    package let path: String
    package let kind: Kind
  }

  package private(set) var methods: [Method] = []
  private var indices: [UInt64: [Int]] = [:]

  package init() {}

  /// Adds a method; returns its index. A path may be added once.
  package mutating func add(_ path: String, _ kind: Kind) -> Int {
    let bytes = Array(path.utf8)
    precondition(find(bytes.span) == nil, "\(path) is registered twice")
    methods.append(Method(path: path, kind: kind))
    indices[Self.key(bytes.span), default: []].append(methods.count - 1)
    return methods.count - 1
  }

  /// The index of the method with this path.
  package func find(_ path: Span<UInt8>) -> Int? {
    guard let candidates = indices[Self.key(path)] else { return nil }
    return candidates.first { path.isEqual(to: methods[$0].path) }
  }

  /// The length and the last bytes: methods differ there, packages and services do not.
  private static func key(_ path: Span<UInt8>) -> UInt64 {
    var key = UInt64(path.count)
    for index in max(0, path.count - 7)..<path.count {
      key = key << 8 | UInt64(path[index])
    }
    return key
  }
}
