import GRPC
import Logging
import NIOCore
import NIOPosix
import Transport

/// A router behind a real listener, and a client of it.
struct ServedRouter {
  let address: String
  let server: Server
  private let pool: ClientPool
  private let loop: any EventLoop

  /// Serves `router` while `body` runs.
  static func run(_ router: Router, _ body: (ServedRouter) async throws -> Void) async throws {
    let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    let server = Server(
      configuration: Server.Configuration(address: .host("127.0.0.1", port: 0)), router: router,
      group: group, logger: logger)
    let address = try await server.start()
    let pool = ClientPool(group: group, logger: logger)
    let served = ServedRouter(
      address: "\(address)", server: server, pool: pool, loop: group.next())
    var failure: (any Error)?
    do { try await body(served) } catch { failure = error }
    await pool.shutdown()
    await server.shutdownGracefully(grace: .seconds(2))
    try await group.shutdownGracefully()
    if let failure { throw failure }
  }

  /// A unary call.
  func call(_ path: String, _ message: [UInt8]) async -> ClientReply {
    await pool.call(request(path, message))
  }

  /// A streaming call that sends `messages`, and with `halfClose` no more. What comes back ends
  /// with the call's end; the call ends with it too, or when it is no longer read.
  func stream(_ path: String, _ messages: [[UInt8]], halfClose: Bool = true) -> AsyncStream<Came> {
    AsyncStream { came in
      loop.execute { [pool, loop] in
        let stream = pool.open(
          request(path, []), on: loop,
          events: ClientStreamEvents(
            message: { came.yield(.message($0)) },
            end: {
              came.yield(.end($0.status))
              came.finish()
            }))
        for message in messages { stream.send(message) }
        if halfClose { stream.halfClose() }
        came.onTermination = { _ in stream.cancel() }
      }
    }
  }

  /// What a streaming call brings.
  enum Came: Sendable, Equatable {
    case message([UInt8])
    case end(Status)

    /// The message's bytes; nil where the call ended.
    var message: [UInt8]? {
      if case .message(let bytes) = self { bytes } else { nil }
    }

    /// The end's status code; nil where a message came.
    var code: StatusCode? {
      if case .end(let status) = self { status.code } else { nil }
    }
  }

  private func request(_ path: String, _ message: [UInt8]) -> ClientRequest {
    ClientRequest(address: address, path: path, message: message, timeout: .seconds(30))
  }
}
