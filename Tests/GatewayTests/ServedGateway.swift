import GRPC
import Gateway
import Logging
import NIOCore
import NIOPosix
import ProtoWire
import Transport

/// What the handlers were told.
final class Heard: Sendable {
  let cancellations: AsyncStream<String>
  let continuation: AsyncStream<String>.Continuation
  init() { (cancellations, continuation) = AsyncStream.makeStream() }
}

private func thing(_ id: String) -> [UInt8] {
  var writer = WireWriter()
  writer.string(1, id)
  return writer.bytes()
}

private func router(_ heard: Heard) -> Router {
  var router = Router()
  router.unary("/shop.Things/Get") { $0.succeed($0.message) }
  router.unary("/shop.Things/List") { call in
    call.fail(
      Status(.unavailable, "not now", metadata: ["grpc-retry-pushback-ms": "1200"]))
  }
  // Answers never; the caller's leaving is all that ends it.
  router.unary("/shop.Things/Make") { call in
    heard.continuation.yield("made")
    call.onCancel { heard.continuation.yield("make: \($0)") }
  }
  router.unary("/shop.Things/Change") { $0.succeed($0.message) }
  router.streaming("/shop.Things/Watch") { call in
    call.onMessage { message in
      if message == thing("none") { return call.finish(Status(.notFound, "no such thing")) }
      call.send(thing("one"))
      call.send(thing("two\nlines"))
      if message == thing("ends") { call.finish() }
      if message == thing("breaks") { call.finish(Status(.unavailable, "lost it")) }
    }
    call.onCancel { heard.continuation.yield("watch: \($0)") }
  }
  return router
}

func withGateway(
  _ configure: (inout Gateway.Configuration) -> Void = { _ in },
  _ body: (Gateway, HTTPClientConnection, Heard, Int) async throws -> Void
) async throws {
  let heard = Heard()
  var configuration = Gateway.Configuration(address: .host("127.0.0.1", port: 0))
  configure(&configuration)
  var logger = Logger(label: "test")
  logger.logLevel = .critical
  let gateway = try Gateway(
    configuration: configuration, routes: Shop.routes, router: router(heard),
    catalog: Shop.catalog(), title: "Shop", group: MultiThreadedEventLoopGroup.singleton,
    logger: logger)
  guard case .host(_, let port) = try await gateway.start() else { return }
  let connection = try await HTTPClientConnection.open(port)
  do {
    try await body(gateway, connection, heard, port)
  } catch {
    await gateway.shutdownGracefully(grace: .zero)
    throw error
  }
  try? await connection.close()
  await gateway.shutdownGracefully(grace: .zero)
}

func first(_ heard: Heard, _ text: String) async -> Bool {
  for await event in heard.cancellations where event == text { return true }
  return false
}
