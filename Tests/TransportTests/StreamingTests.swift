import NIOConcurrencyHelpers
import NIOCore
import NIOPosix
import Support
import Testing

@testable import GRPC
@testable import Transport

/// A client's stream for tests: keeps what it hears, and is driven from any task.
final class TestStream: Sendable {
  struct Heard {
    var messages: [[UInt8]] = []
    var writable = 0
    var reply: ClientReply?
  }

  let heard = NIOLockedValueBox(Heard())
  let stream: ClientStream

  init(
    _ server: TestServer, path: String = Echo.stream, timeout: TimeAmount = .seconds(60)
  ) async throws {
    let heard = heard
    let loop = server.clientGroup.any()
    let request = ClientRequest(address: "\(server.address)", path: path, timeout: timeout)
    let events = ClientStreamEvents(
      message: { message in heard.withLockedValue { $0.messages.append(message) } },
      writable: { heard.withLockedValue { $0.writable += 1 } },
      end: { reply in
        heard.withLockedValue {
          precondition($0.reply == nil, "a stream ended twice")
          $0.reply = reply
        }
      })
    let pool = server.pool
    stream = try await loop.submit { pool.open(request, on: loop, events: events) }.get()
  }

  @discardableResult
  func on<T: Sendable>(_ body: @escaping @Sendable (ClientStream) -> T) async throws -> T {
    let stream = stream
    return try await stream.eventLoop.submit { body(stream) }.get()
  }

  var messages: [[UInt8]] { heard.withLockedValue { $0.messages } }
  var reply: ClientReply? { heard.withLockedValue { $0.reply } }

  func endCode() async -> StatusCode? { try? await end().status.code }

  func end() async throws -> ClientReply {
    let hasEnded = await eventually { self.reply != nil }
    #expect(hasEnded)
    return try #require(reply)
  }
}

@Suite struct StreamingTests {
  @Test func messagesGoBothWaysInOrder() async throws {
    try await withServer { server in
      let stream = try await TestStream(server)
      for number in 0..<1_000 {
        let result = try await stream.on { $0.send(Array("\(number)".utf8)) }
        #expect(result == .sent)
      }
      try await stream.on { $0.halfClose() }
      #expect(await stream.endCode() == .ok)
      #expect(stream.messages == (0..<1_000).map { Array("\($0)".utf8) })
      #expect(try await stream.on { $0.send([1]) } == .closed)
    }
  }

  @Test func slowClientCostsTheServerBoundedMemory() async throws {
    let sent = NIOLockedValueBox(0)
    let total = 400
    var router = Router()
    router.streaming("/test/Flood") { call in
      let fill: @Sendable () -> Void = {
        while call.isWritable, sent.withLockedValue({ $0 }) < total {
          precondition(call.send([UInt8](repeating: 1, count: 50_000)) == .sent)
          sent.withLockedValue { $0 += 1 }
        }
        if sent.withLockedValue({ $0 }) == total { call.finish() }
      }
      call.onWritable(fill)
      call.onMessage { _ in fill() }
    }
    try await withServer(router: router) { server in
      let stream = try await TestStream(server, path: "/test/Flood")
      try await stream.on {
        $0.pauseReading()
        $0.send([])
      }
      // The server fills the stream's window, the connection's and its own queue, and stops.
      var before = -1
      let hasStopped = await eventually {
        let now = sent.withLockedValue { $0 }
        defer { before = now }
        try? await Task.sleep(for: .milliseconds(50))
        return now > 0 && now == before
      }
      #expect(hasStopped)
      let limit = (256 << 10) + (64 << 10) + 100_000
      #expect(sent.withLockedValue { $0 } * 50_000 <= limit)
      #expect(stream.messages.isEmpty)
      try await stream.on { $0.resumeReading() }
      #expect(await stream.endCode() == .ok)
      #expect(stream.messages.count == total)
    }
  }

  @Test func slowServerCostsTheClientBoundedMemory() async throws {
    let call = NIOLockedValueBox<StreamingCall?>(nil)
    let received = NIOLockedValueBox(0)
    var router = Router()
    router.streaming("/test/Slow") { incoming in
      call.withLockedValue { $0 = incoming }
      incoming.pauseReading()
      incoming.onMessage { _ in received.withLockedValue { $0 += 1 } }
      incoming.onHalfClose { incoming.finish() }
    }
    try await withServer(router: router) { server in
      let stream = try await TestStream(server, path: "/test/Slow")
      let hasArrived = await eventually { call.withLockedValue { $0 } != nil }
      #expect(hasArrived)
      var sent = 0
      var stalls = 0
      while stalls < 20 {
        let wasSent = try await stream.on { stream in
          guard stream.isWritable else { return false }
          return stream.send([UInt8](repeating: 1, count: 50_000)) == .sent
        }
        if wasSent { sent += 1 } else { stalls += 1 }
      }
      #expect(sent > 0)
      #expect(sent * 50_000 <= (256 << 10) + (64 << 10) + 100_000)
      #expect(received.withLockedValue { $0 } == 0)
      let incoming = try #require(call.withLockedValue { $0 })
      try await incoming.eventLoop.submit { incoming.resumeReading() }.get()
      try await stream.on { $0.halfClose() }
      #expect(await stream.endCode() == .ok)
      #expect(received.withLockedValue { $0 } == sent)
    }
  }

  @Test func cancelReachesTheOtherSide() async throws {
    let ends = NIOLockedValueBox<[Cancellation]>([])
    var router = Router()
    router.streaming("/test/Wait") { call in
      call.send([1])
      call.onCancel { reason in ends.withLockedValue { $0.append(reason) } }
    }
    try await withServer(router: router) { server in
      let stream = try await TestStream(server, path: "/test/Wait")
      let isOpen = await eventually { stream.messages == [[1]] }
      #expect(isOpen)
      stream.stream.cancel()
      let reply = try await stream.end()
      #expect(reply.status.code == .cancelled)
      #expect(reply.origin == .local)
      let isTold = await eventually { ends.withLockedValue { $0 } == [.byClient] }
      #expect(isTold)
    }
  }

  @Test func deadlineEndsBothSides() async throws {
    let ends = NIOLockedValueBox(0)
    var router = Router()
    router.streaming("/test/Wait") { call in
      call.onCancel { _ in ends.withLockedValue { $0 += 1 } }
    }
    try await withServer(router: router) { server in
      // The connection stands, so that the call itself is what takes too long.
      _ = await server.pool.call(
        ClientRequest(address: "\(server.address)", path: "/no/Such", timeout: .seconds(20)))
      let stream = try await TestStream(server, path: "/test/Wait", timeout: .milliseconds(500))
      #expect(await stream.endCode() == .deadlineExceeded)
      let isTold = await eventually { ends.withLockedValue { $0 } == 1 }
      #expect(isTold)
    }
  }

  @Test func serverMayFinishFirst() async throws {
    var router = Router()
    router.streaming("/test/Enough") { call in
      call.onMessage { message in
        call.send(message)
        call.finish(Status(.outOfRange, "enough", metadata: ["k": "v"]))
      }
    }
    try await withServer(router: router) { server in
      let stream = try await TestStream(server, path: "/test/Enough")
      #expect(try await stream.on { $0.send([5]) } == .sent)
      let reply = try await stream.end()
      #expect(reply.status.code == .outOfRange)
      #expect(reply.status.message == "enough")
      #expect(reply.trailingMetadata.first("k") == "v")
      #expect(reply.origin == .peer)
      #expect(stream.messages == [[5]])
      #expect(try await stream.on { $0.send([6]) } == .closed)
    }
  }

  @Test func unreachablePeerEndsTheStream() async throws {
    try await withServer { server in
      await server.server.shutdownGracefully(grace: .zero)
      let stream = try await TestStream(server)
      // Kept for the connection, or too late already.
      #expect(try await stream.on { $0.send([5]) } != .full)
      let reply = try await stream.end()
      #expect(reply.status.code == .unavailable)
      #expect(reply.delivery == .notSent)
    }
  }
}
