import HTTP2
import NIOCore
import NIOPosix
import Support
import Testing

@testable import GRPC
@testable import Transport

/// Peers that are not there, speak something else, or break in the middle.
@Suite struct PoolFaultTests {
  private func request(
    _ address: String, seconds: Int64 = 20, message: [UInt8] = [1], replyBytesMax: Int = 4 << 20
  ) -> ClientRequest {
    ClientRequest(
      address: address, path: Echo.unary, message: message, timeout: .seconds(seconds),
      replyBytesMax: replyBytesMax)
  }

  @Test func refusedConnectionIsNotSent() async throws {
    let peer = try await FakePeer.start { _ in FakePeer.Bytes(nil) }
    try await peer.stop()
    try await withPool { pool, _ in
      // Again and again: each call makes an attempt of its own, and none hears old news only.
      for _ in 0..<3 {
        let reply = await pool.call(request(peer.address))
        #expect(reply.status.code == .unavailable)
        #expect(reply.delivery == .notSent)
        #expect(reply.origin == .local)
      }
    }
  }

  @Test(arguments: ["no-such-host.invalid:80", "unix:/no/such/path", "unix-abstract:nobody-there"])
  func unknownPlaceIsNotSent(_ address: String) async throws {
    try await withPool { pool, _ in
      for _ in 0..<2 {
        let reply = await pool.call(request(address))
        #expect(reply.status.code == .unavailable)
        #expect(reply.delivery == .notSent)
      }
    }
  }

  @Test(arguments: ["nonsense", "host:", "host:99999", ":80", "::1:80", "unix:", "a b:80", "h:1x"])
  func whatIsNoAddressIsNotSent(_ address: String) async throws {
    try await withPool { pool, _ in
      let reply = await pool.call(request(address))
      #expect(reply.status.code == .unavailable)
      #expect(reply.delivery == .notSent)
      #expect(reply.status.message.contains("is no address"))
    }
  }

  @Test(arguments: ["", "a/b", "/a b", "/a\nb", "/ö"])
  func whatIsNoPathIsNotSent(_ path: String) async throws {
    try await withServer { server in
      let reply = await server.pool.call(
        ClientRequest(address: "\(server.address)", path: path, timeout: .seconds(20)))
      #expect(reply.status.code == .invalidArgument)
      #expect(reply.origin == .local)
      #expect(reply.delivery == .notSent)
    }
  }

  @Test func peerOfHTTP1IsNotSent() async throws {
    let peer = try await FakePeer.start { _ in
      FakePeer.Bytes(
        Array("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n".utf8), closes: true)
    }
    try await withPool { pool, _ in
      let reply = await pool.call(request(peer.address))
      #expect(reply.status.code == .unavailable)
      #expect(reply.delivery == .notSent)
    }
    try await peer.stop()
  }

  @Test func peerThatNeverAnswersIsNotSentAfterTheConnectTimeout() async throws {
    let peer = try await FakePeer.start { _ in FakePeer.Bytes(nil) }
    var configuration = ClientPool.Configuration()
    configuration.limits.connectTimeout = .milliseconds(100)
    try await withPool(configuration) { pool, _ in
      let reply = await pool.call(request(peer.address))
      #expect(reply.status.code == .unavailable)
      #expect(reply.delivery == .notSent)
    }
    try await peer.stop()
  }

  @Test func deadlineInTheQueueIsNotSent() async throws {
    let peer = try await FakePeer.start { _ in FakePeer.Bytes(nil) }
    try await withPool { pool, _ in
      let reply = await pool.call(
        ClientRequest(address: peer.address, path: Echo.unary, timeout: .milliseconds(50)))
      #expect(reply.status.code == .deadlineExceeded)
      #expect(reply.delivery == .notSent)
      #expect(reply.origin == .local)
      let none = await pool.call(
        ClientRequest(address: peer.address, path: Echo.unary, timeout: .zero))
      #expect(none.status.code == .deadlineExceeded)
      #expect(none.delivery == .notSent)
    }
    try await peer.stop()
  }

  @Test func resetInTheMiddleOfAReplyMayBeSent() async throws {
    let peer = try await FakePeer.start { number in
      try FakePeer.HTTP2 { stream, session, channel in
        if number > 0 { return FakePeer.answer(stream, session) }
        session.submitResponse(
          stream: stream, FakePeer.headers, body: [0, 0, 0, 0, 9, 1], end: .open)
        channel.eventLoop.execute { channel.close(promise: nil) }
      }
    }
    try await withPool { pool, _ in
      let reply = await pool.call(request(peer.address))
      #expect(reply.status.code == .unavailable)
      #expect(reply.delivery == .maybeSent)
      #expect(reply.origin == .local)
      // The next call gets a connection of its own.
      #expect(await pool.call(request(peer.address)).status == .ok)
      #expect(peer.connectionCount == 2)
    }
    try await peer.stop()
  }

  @Test func replyOfTenMegabytesHarmsNobody() async throws {
    let peer = try await FakePeer.start { _ in
      try FakePeer.HTTP2 { stream, session, _ in
        FakePeer.answer(
          stream, session, [UInt8](repeating: 0, count: stream == 1 ? 10_000_000 : 1))
      }
    }
    try await withPool { pool, _ in
      let reply = await pool.call(request(peer.address))
      #expect(reply.status.code == .resourceExhausted)
      #expect(reply.origin == .local)
      #expect(reply.delivery == .maybeSent)
      #expect(await pool.call(request(peer.address)).status == .ok)
      #expect(peer.connectionCount == 1)
    }
    try await peer.stop()
  }

  @Test func refusedStreamsAreTriedAgainTwiceAndThenNotSent() async throws {
    let peer = try await FakePeer.start { _ in
      try FakePeer.HTTP2 { stream, session, _ in
        // The first call's first two attempts, and all of the second's.
        if stream <= 3 || stream > 5 {
          session.reset(stream: stream, .refusedStream)
        } else {
          FakePeer.answer(stream, session)
        }
      }
    }
    try await withPool { pool, _ in
      #expect(await pool.call(request(peer.address)).status == .ok)
      let reply = await pool.call(request(peer.address))
      #expect(reply.status.code == .unavailable)
      #expect(reply.delivery == .notSent)
      #expect(peer.connectionCount == 1)
    }
    try await peer.stop()
  }

  @Test func callThatGoAwayLeftOutGoesToTheNextConnection() async throws {
    let peer = try await FakePeer.start { number in
      try FakePeer.HTTP2 { stream, session, channel in
        if number > 0 { return FakePeer.answer(stream, session) }
        // "I have seen none."
        channel.writeAndFlush(
          ByteBuffer(bytes: Frame(.goAway, [0, 0, 0, 0, 0, 0, 0, 0]).bytes), promise: nil)
      }
    }
    try await withPool { pool, _ in
      #expect(await pool.call(request(peer.address)).status == .ok)
      #expect(peer.connectionCount == 2)
    }
    try await peer.stop()
  }

  @Test func peersLimitIsRespectedByWaiting() async throws {
    var limits = Limits()
    limits.concurrentStreamsMax = 2
    let peerLimits = limits
    let peer = try await FakePeer.start { _ in
      var open = 0
      return try FakePeer.HTTP2(limits: peerLimits) { stream, session, _ in
        open += 1
        // Over the limit nghttp2 itself would refuse; the pool must not come to that.
        FakePeer.answer(stream, session)
        open -= 1
      }
    }
    try await withPool { pool, _ in
      await withTaskGroup(of: ClientReply.self) { group in
        for _ in 0..<200 { group.addTask { await pool.call(request(peer.address)) } }
        for await reply in group { #expect(reply.status == .ok) }
      }
      #expect(peer.connectionCount == 1)
    }
    try await peer.stop()
  }

  @Test func callThatTimesOutLeavesItsPlaceToTheNext() async throws {
    var limits = Limits()
    limits.concurrentStreamsMax = 1
    let peerLimits = limits
    let peer = try await FakePeer.start { _ in
      // Answers all but the first call.
      try FakePeer.HTTP2(limits: peerLimits) { stream, session, _ in
        if stream > 1 { FakePeer.answer(stream, session) }
      }
    }
    try await withPool { pool, _ in
      async let first = pool.call(
        ClientRequest(address: peer.address, path: Echo.unary, timeout: .milliseconds(500)))
      let isConnected = await eventually { peer.connectionCount == 1 }
      #expect(isConnected)
      let second = await pool.call(request(peer.address))
      #expect(second.status.code == .ok)
      #expect(await first.status.code == .deadlineExceeded)
    }
    try await peer.stop()
  }

  @Test func queueIsBounded() async throws {
    let peer = try await FakePeer.start { _ in FakePeer.Bytes(nil) }
    var configuration = ClientPool.Configuration()
    configuration.queuedCallsMax = 10
    try await withPool(configuration) { pool, _ in
      await withTaskGroup(of: ClientReply.self) { group in
        for _ in 0..<15 {
          group.addTask {
            await pool.call(
              ClientRequest(address: peer.address, path: Echo.unary, timeout: .milliseconds(1_500)))
          }
        }
        var codes: [StatusCode: Int] = [:]
        for await reply in group {
          codes[reply.status.code, default: 0] += 1
          #expect(reply.delivery == .notSent)
        }
        #expect(codes == [.resourceExhausted: 5, .deadlineExceeded: 10])
      }
    }
    try await peer.stop()
  }

  @Test func reconnectsWhenThePeerComesBack() async throws {
    let first = try await FakePeer.start { _ in
      try FakePeer.HTTP2 { stream, session, channel in
        FakePeer.answer(stream, session)
        channel.eventLoop.execute { channel.close(promise: nil) }
      }
    }
    let port = Int(first.address.split(separator: ":")[1])!
    try await withPool { pool, _ in
      #expect(await pool.call(request(first.address)).status == .ok)
      try await first.stop()
      let isDown = await eventually {
        await pool.call(request(first.address)).delivery == .notSent
      }
      #expect(isDown)
      let second = try await FakePeer.start(port: port) { _ in
        try FakePeer.HTTP2 { stream, session, _ in FakePeer.answer(stream, session) }
      }
      let isUp = await eventually { await pool.call(request(first.address)).status == .ok }
      #expect(isUp)
      try await second.stop()
    }
  }

  @Test func addressesOfANameAreUsedInTurnAndTheDeadOnesAreNot() async throws {
    let peers = try await [
      FakePeer.start(host: "127.0.0.1") { _ in try FakePeer.Polite() },
      FakePeer.start(host: "127.0.0.2") { _ in try FakePeer.Polite() },
      FakePeer.start(host: "127.0.0.3") { _ in try FakePeer.Polite() },
    ]
    let addresses = try peers.map { try SocketAddress(ipAddress: $0.host, port: $0.port) }
    try await peers[2].stop()
    var configuration = ClientPool.Configuration()
    configuration.resolver = { _, _, eventLoop in eventLoop.makeSucceededFuture(addresses) }
    try await withPool(configuration) { pool, _ in
      var peersSeen: [String: Int] = [:]
      let bothServe = await eventually {
        let reply = await pool.call(request("some.name:1"))
        #expect(reply.status.code == .ok)
        peersSeen[reply.trailingMetadata.first("peer") ?? "", default: 0] += 1
        return peersSeen.count == 2
      }
      #expect(bothServe)
      peersSeen = [:]
      for _ in 0..<20 {
        let reply = await pool.call(request("some.name:1"))
        peersSeen[reply.trailingMetadata.first("peer") ?? "", default: 0] += 1
      }
      #expect(peersSeen == ["127.0.0.1": 10, "127.0.0.2": 10])
    }
    try await peers[0].stop()
    try await peers[1].stop()
  }

  @Test func shutdownEndsWhatIsOpen() async throws {
    let peer = try await FakePeer.start { _ in try FakePeer.HTTP2 { _, _, _ in } }
    try await withPool { pool, _ in
      async let reply = pool.call(request(peer.address))
      let isConnected = await eventually { peer.connectionCount == 1 }
      #expect(isConnected)
      await pool.shutdown()
      #expect(await reply.status.code == .unavailable)
      let late = await pool.call(request(peer.address))
      #expect(late.status.code == .unavailable)
      #expect(late.delivery == .notSent)
    }
    try await peer.stop()
  }

  @Test func idleConnectionsAreClosed() async throws {
    let peer = try await FakePeer.start { _ in
      try FakePeer.HTTP2 { stream, session, _ in FakePeer.answer(stream, session) }
    }
    var configuration = ClientPool.Configuration()
    configuration.limits.idleTimeout = .milliseconds(50)
    try await withPool(configuration) { pool, group in
      // A call after the pause finds the old connection gone.
      let reconnects = await eventually {
        #expect(await pool.call(request(peer.address)).status == .ok)
        try? await group.next().scheduleTask(in: .milliseconds(200)) {}.futureResult.get()
        return peer.connectionCount >= 3
      }
      #expect(reconnects)
    }
    try await peer.stop()
  }
}
