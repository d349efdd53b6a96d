import NIOConcurrencyHelpers
import NIOCore
import NIOPosix
import Support
import Testing

@testable import GRPC
@testable import Transport

/// How calls and servers end.
@Suite struct EndTests {
  private func request(
    _ server: TestServer, _ path: String, timeout: TimeAmount = .seconds(20)
  ) -> ClientRequest {
    ClientRequest(address: "\(server.address)", path: path, message: [1], timeout: timeout)
  }

  @Test func deadlineIsToldToTheClientAndTheHandler() async throws {
    let reasons = NIOLockedValueBox<[Cancellation]>([])
    let deadlines = NIOLockedValueBox<[NIODeadline?]>([])
    var router = Router()
    router.unary("/test/Never") { call in
      deadlines.withLockedValue { $0.append(call.deadline) }
      call.onCancel { reason in reasons.withLockedValue { $0.append(reason) } }
    }
    try await withServer(router: router) { server in
      // The connection stands, so that the call itself is what takes too long.
      _ = await server.pool.call(request(server, "/no/Such"))
      let reply = await server.pool.call(
        request(server, "/test/Never", timeout: .milliseconds(500)))
      #expect(reply.status.code == .deadlineExceeded)
      #expect(reply.delivery == .maybeSent)
      let isTold = await eventually { reasons.withLockedValue { $0.count } == 1 }
      #expect(isTold)
      #expect(deadlines.withLockedValue { $0.count == 1 && $0[0] != nil })
    }
  }

  @Test func cancelIsToldToTheHandler() async throws {
    let reasons = NIOLockedValueBox<[Cancellation]>([])
    var router = Router()
    router.unary("/test/Never") { call in
      call.onCancel { reason in reasons.withLockedValue { $0.append(reason) } }
    }
    try await withServer(router: router) { server in
      let replies = NIOLockedValueBox<[ClientReply]>([])
      let call = server.pool.call(
        request(server, "/test/Never"), on: server.clientGroup.any()
      ) { reply in replies.withLockedValue { $0.append(reply) } }
      // On its way before it is cancelled.
      _ = await server.pool.call(request(server, "/no/Such"))
      call.cancel()
      call.cancel()
      let isTold = await eventually {
        reasons.withLockedValue { $0 } == [.byClient] && replies.withLockedValue { $0.count } == 1
      }
      #expect(isTold)
      #expect(replies.withLockedValue { $0[0].status.code } == .cancelled)
    }
  }

  @Test func firstAnswerWins() async throws {
    var router = Router()
    router.unary("/test/Twice") { call in
      let group = MultiThreadedEventLoopGroup.singleton
      for number in 0..<10 {
        group.next().execute {
          if number % 2 == 0 {
            call.succeed([UInt8(number)])
          } else {
            call.fail(Status(.aborted, "\(number)"))
          }
        }
      }
    }
    try await withServer(router: router) { server in
      for _ in 0..<50 {
        let reply = await server.pool.call(request(server, "/test/Twice"))
        #expect(reply.status.code == .ok || reply.status.code == .aborted)
        #expect(reply.origin == .peer)
      }
    }
  }

  @Test func completionNeverComesBeforeTheCallReturns() async throws {
    try await withServer { server in
      let loop = server.clientGroup.any()
      for address in ["nonsense", "\(server.address)"] {
        let pool = server.pool
        let order = try await loop.flatSubmit { () -> EventLoopFuture<[String]> in
          let order = NIOLockedValueBox<[String]>([])
          let promise = loop.makePromise(of: [String].self)
          pool.call(
            ClientRequest(address: address, path: Echo.unary, timeout: .seconds(20)), on: loop
          ) { _ in
            loop.preconditionInEventLoop()
            promise.succeed(order.withLockedValue { $0 + ["completion"] })
          }
          order.withLockedValue { $0.append("return") }
          return promise.futureResult
        }.get()
        #expect(order == ["return", "completion"])
      }
    }
  }

  @Test func drainLetsCallsFinishAndTakesNoNewOnes() async throws {
    let waiting = NIOLockedValueBox<[UnaryCall]>([])
    var router = Echo.router
    router.unary("/test/Wait") { call in waiting.withLockedValue { $0.append(call) } }
    try await withServer(router: router) { server in
      async let reply = server.pool.call(request(server, "/test/Wait"))
      let isWaiting = await eventually { waiting.withLockedValue { $0.count } == 1 }
      #expect(isWaiting)
      async let drained: Void = server.server.shutdownGracefully(grace: .seconds(60))
      // New calls find nobody; the old connection is told GOAWAY.
      let isClosed = await eventually {
        await server.pool.call(request(server, Echo.unary)).delivery == .notSent
      }
      #expect(isClosed)
      let calls = waiting.withLockedValue { $0 }
      #expect(calls.count == 1)
      calls.first?.succeed([9])
      #expect(await reply.message == [9])
      await drained
    }
  }

  @Test func graceEnds() async throws {
    let reasons = NIOLockedValueBox<[Cancellation]>([])
    let count = NIOLockedValueBox(0)
    var router = Router()
    router.unary("/test/Never") { call in
      count.withLockedValue { $0 += 1 }
      call.onCancel { reason in reasons.withLockedValue { $0.append(reason) } }
    }
    try await withServer(router: router) { server in
      async let reply = server.pool.call(request(server, "/test/Never"))
      let isWaiting = await eventually { count.withLockedValue { $0 } == 1 }
      #expect(isWaiting)
      await server.server.shutdownGracefully(grace: .milliseconds(50))
      #expect(await reply.status.code == .unavailable)
      #expect(await reply.delivery == .maybeSent)
      #expect(reasons.withLockedValue { $0 } == [.connectionLost])
    }
  }

  @Test func connectionsOverTheLimitAreClosed() async throws {
    let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    var configuration = Server.Configuration(address: .host("127.0.0.1", port: 0))
    configuration.connectionsMax = 2
    let server = Server(
      configuration: configuration, router: Echo.router, group: group, logger: quiet)
    let address = try await server.start()
    let socket = try SocketAddress(ipAddress: "127.0.0.1", port: address.port!)
    let first = try await RawConnection.connect(to: socket)
    try await first.wait("SETTINGS") { !$0.frames.isEmpty }
    let second = try await RawConnection.connect(to: socket)
    try await second.wait("SETTINGS") { !$0.frames.isEmpty }
    let third = try await RawConnection.connect(to: socket)
    try await third.waitUntilClosed()
    #expect(third.frames.isEmpty)
    #expect(!first.isClosed)
    first.close()
    second.close()
    await server.shutdownGracefully(grace: .seconds(1))
    try await group.shutdownGracefully()
  }
}
