import GRPC

/// Paths of methods and who answers them.
package struct Router: Sendable {
  /// Runs on the connection's event loop; answers now, or later through the call.
  package typealias UnaryHandler = @Sendable (UnaryCall) -> Void
  /// Runs on the connection's event loop when the call begins; sets the call's callbacks.
  package typealias StreamingHandler = @Sendable (StreamingCall) -> Void

  enum Handler {
    case unary(UnaryHandler)
    case streaming(StreamingHandler)
  }

  private(set) var methods = MethodTable()
  private(set) var handlers: [Handler] = []

  package init() {}

  /// One message each way. The path is `/package.Service/Method`.
  package mutating func unary(_ path: String, _ handler: @escaping UnaryHandler) {
    _ = methods.add(path, .unary)
    handlers.append(.unary(handler))
  }

  /// Messages as they come, any number each way.
  package mutating func streaming(_ path: String, _ handler: @escaping StreamingHandler) {
    _ = methods.add(path, .streaming)
    handlers.append(.streaming(handler))
  }

  /// All paths, in the order of their registration.
  package var paths: [String] { methods.methods.map(\.path) }
}
