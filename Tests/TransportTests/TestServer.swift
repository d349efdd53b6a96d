import GRPC
import Logging
import NIOCore
import NIOPosix
import Testing

@testable import Transport

/// Methods that tests call.
enum Echo {
  static let unary = "/test.Echo/Unary"
  static let later = "/test.Echo/Later"
  static let metadata = "/test.Echo/Metadata"
  static let never = "/test.Echo/Never"
  static let stream = "/test.Echo/Stream"

  static var router: Router {
    var router = Router()
    router.unary(unary) { $0.succeed($0.message) }
    router.unary(later) { call in
      // Answered on another thread.
      MultiThreadedEventLoopGroup.singleton.next().execute { call.succeed(call.message) }
    }
    router.unary(metadata) { call in
      call.fail(
        Status(.aborted, "nö % \n", details: [9, 8, 7], metadata: call.metadata))
    }
    router.unary(never) { _ in }
    router.streaming(stream) { call in
      call.onMessage { message in
        call.send(message)
        if !call.isWritable { call.pauseReading() }
      }
      call.onWritable { call.resumeReading() }
      call.onHalfClose { call.finish() }
    }
    return router
  }
}

/// A running server and a client's pool on loops of their own.
struct TestServer {
  let server: Server
  let address: Address
  let pool: ClientPool
  let serverGroup: MultiThreadedEventLoopGroup
  let clientGroup: MultiThreadedEventLoopGroup
}

let quiet: Logger = {
  var logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
  logger.logLevel = .critical
  return logger
}()

func withServer(
  at kind: String = "tcp", router: Router = Echo.router,
  limits: ServerLimits = ServerLimits(), client: ClientPool.Configuration = .init(),
  _ body: (TestServer) async throws -> Void
) async throws {
  let id = UInt64.random(in: 0 ... .max)
  let address: Address =
    switch kind {
    case "unix": .unix("/tmp/caravan-\(id).sock")
    case "abstract": .abstract("caravan-\(id)")
    default: .host("127.0.0.1", port: 0)
    }
  let serverGroup = MultiThreadedEventLoopGroup(numberOfThreads: 1)
  let clientGroup = MultiThreadedEventLoopGroup(numberOfThreads: 1)
  var configuration = Server.Configuration(address: address)
  configuration.limits = limits
  let server = Server(
    configuration: configuration, router: router, group: serverGroup, logger: quiet)
  let bound = try await server.start()
  let pool = ClientPool(configuration: client, group: clientGroup, logger: quiet)
  var failure: (any Error)?
  do {
    try await body(
      TestServer(
        server: server, address: bound, pool: pool, serverGroup: serverGroup,
        clientGroup: clientGroup))
  } catch {
    failure = error
  }
  await pool.shutdown()
  await server.shutdownGracefully(grace: .seconds(2))
  try await clientGroup.shutdownGracefully()
  try await serverGroup.shutdownGracefully()
  if let failure { throw failure }
}
