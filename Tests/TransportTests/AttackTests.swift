import GRPC
import HTTP2
import NIOCore
import Support
import Testing

@testable import Transport

/// docs/design.md, "Limits of HTTP/2": each attack is made by hand over a real socket, and another
/// client notices nothing.
@Suite struct AttackTests {
  private static let enhanceYourCalm: UInt32 = 0xb

  @Test func rapidResetEndsTheConnection() async throws {
    var limits = ServerLimits()
    limits.http2.resetsReceivedBurst = 100
    limits.http2.resetsReceivedPerSecond = 1
    try await withServer(limits: limits) { server in
      try await server.unharmed {
        let attacker = try await server.raw()
        for number in 0..<UInt32(200) {
          let stream = 2 * number + 1
          attacker.send(
            .request(Echo.never, stream: stream),
            Frame(.resetStream, stream: stream, [0, 0, 0, 8]))
        }
        _ = try await attacker.waitForGoAway()
        try await attacker.waitUntilClosed()
      }
    }
  }

  @Test func continuationFloodEndsTheConnection() async throws {
    try await withServer { server in
      try await server.unharmed {
        let attacker = try await server.raw()
        attacker.send(.request(Echo.unary, stream: 1, flags: 0))
        for number in 0..<100 {
          attacker.send(
            Frame(.continuation, stream: 1, Frame.field("x-\(number)", "y")))
        }
        try await attacker.waitUntilClosed()
      }
    }
  }

  @Test(arguments: [
    ("PING", Frame(.ping, [0, 0, 0, 0, 0, 0, 0, 0])),
    ("SETTINGS", Frame(.settings, Frame.setting(3, 100))),
    ("PRIORITY", Frame(.priority, stream: 3, [0, 0, 0, 0, 1])),
    ("WINDOW_UPDATE", Frame(.windowUpdate, [0, 0, 0, 1])),
    ("empty DATA", Frame(.data, stream: 1)),
  ])
  func floodsEndTheConnection(_ name: String, _ frame: Frame) async throws {
    var limits = ServerLimits()
    limits.http2.windowUpdatesMax = 1_000
    // All of the flood lies in one interval, however slow the machine is.
    limits.http2.intervalNanoseconds = 60_000_000_000
    try await withServer(limits: limits) { server in
      try await server.unharmed {
        let attacker = try await server.raw()
        attacker.send(.request(Echo.unary, stream: 1))
        attacker.send((0..<2_000).flatMap { _ in frame.bytes })
        #expect(try await attacker.waitForGoAway() == Self.enhanceYourCalm)
        try await attacker.waitUntilClosed()
      }
    }
  }

  @Test func floodByAPeerThatDoesNotReadEndsTheConnection() async throws {
    var limits = ServerLimits()
    limits.http2.pingsMax = .max
    try await withServer(limits: limits) { server in
      try await server.unharmed {
        let attacker = try await server.raw(reads: false)
        let pings = (0..<10_000).flatMap { _ in Frame(.ping, [0, 0, 0, 0, 0, 0, 0, 0]).bytes }
        // Enough for both sides' socket buffers and for the acknowledgements that nghttp2 keeps.
        for _ in 0..<200 { attacker.send(pings) }
        try await attacker.waitUntilClosed()
      }
    }
  }

  @Test func headerBombIsResetAndTheConnectionGoesOn() async throws {
    try await withServer { server in
      try await server.unharmed {
        let attacker = try await server.raw()
        // One field of 3 KB enters the table; each byte after it stands for that field once more.
        let value = String(repeating: "v", count: 3_000)
        let entry = [0x40] + Frame.string("bomb") + Frame.string(value)
        let bomb = entry + [UInt8](repeating: 0x80 | 62, count: 12_000)
        var request = Frame.request(Echo.unary, stream: 1)
        request.payload += bomb
        attacker.send(request)
        try await attacker.wait("RST_STREAM") { raw in
          raw.frames.contains {
            $0.kind == Frame.Kind.resetStream.rawValue && $0.stream == 1
              && $0.errorCode == Self.enhanceYourCalm
          }
        }
        attacker.send(.request(Echo.unary, stream: 3), .message([5], stream: 3))
        try await attacker.wait("a reply") { raw in
          raw.frames.contains { $0.kind == Frame.Kind.data.rawValue && $0.stream == 3 }
        }
      }
    }
  }

  @Test func provokedResetsEndTheConnection() async throws {
    var limits = ServerLimits()
    limits.http2.resetsSentMax = 100
    limits.http2.intervalNanoseconds = 60_000_000_000
    try await withServer(limits: limits) { server in
      try await server.unharmed {
        let attacker = try await server.raw()
        for number in 0..<UInt32(300) {
          let stream = 2 * number + 1
          // A window over 2^31-1 is an error of the stream: the server has to reset it.
          attacker.send(
            .request(Echo.never, stream: stream),
            Frame(.windowUpdate, stream: stream, [0x7f, 0xff, 0xff, 0xff]))
        }
        #expect(try await attacker.waitForGoAway() == Self.enhanceYourCalm)
        try await attacker.waitUntilClosed()
      }
    }
  }

  @Test func streamsAreLimitedAndTheLimitIsAnnounced() async throws {
    var limits = ServerLimits()
    limits.http2.concurrentStreamsMax = 10
    try await withServer(limits: limits) { server in
      try await server.unharmed {
        let attacker = try await server.raw()
        try await attacker.wait("SETTINGS") { raw in
          raw.frames.contains { frame in
            frame.kind == Frame.Kind.settings.rawValue
              && (0..<frame.payload.count / 6).contains {
                Array(frame.payload[6 * $0..<6 * $0 + 6]) == Frame.setting(3, 10)
              }
          }
        }
        for number in 0..<UInt32(11) {
          attacker.send(.request(Echo.never, stream: 2 * number + 1))
        }
        try await attacker.wait("REFUSED_STREAM or GOAWAY") { raw in
          raw.goAwayCode != nil || raw.frames.contains { $0.errorCode == 7 && $0.stream == 21 }
        }
      }
    }
  }

  @Test func zeroWindowIsClosedWhenNothingMoves() async throws {
    var limits = ServerLimits()
    limits.progressTimeout = .milliseconds(200)
    try await withServer(limits: limits) { server in
      try await server.unharmed {
        let attacker = try await server.raw(
          greeting: Frame.preface + Frame(.settings, Frame.setting(4, 0)).bytes)
        attacker.send(.request(Echo.unary, stream: 1), .message([1, 2, 3], stream: 1))
        // Pings are no progress.
        attacker.send(Frame(.ping, [0, 0, 0, 0, 0, 0, 0, 0]))
        try await attacker.waitUntilClosed()
      }
    }
  }

  @Test func queuedRepliesAreCapped() async throws {
    var limits = ServerLimits()
    limits.queuedReplyBytesHigh = 100_000
    limits.queuedReplyBytesMax = 200_000
    try await withUnreadReplies(limits) { attacker in
      // Two replies wait; the third call and later ones are refused, so the hard cap is not met.
      try await attacker.wait("refusals") { raw in
        raw.frames.filter { frame in
          frame.kind == Frame.Kind.headers.rawValue && frame.flags & Frame.endStream != 0
        }.count == 8
      }
      attacker.close()
    }
  }

  @Test func oneRepliesOverTheCapEndTheConnection() async throws {
    var limits = ServerLimits()
    limits.queuedReplyBytesHigh = 1_000_000
    limits.queuedReplyBytesMax = 200_000
    try await withUnreadReplies(limits) { try await $0.waitUntilClosed() }
  }

  /// Somebody calls ten times, with replies of 60,000 bytes, and reads none of them.
  private func withUnreadReplies(
    _ limits: ServerLimits, _ body: (RawConnection) async throws -> Void
  ) async throws {
    var router = Echo.router
    router.unary("/test/Large") { $0.succeed([UInt8](repeating: 1, count: 60_000)) }
    try await withServer(router: router, limits: limits) { server in
      try await server.unharmed {
        let attacker = try await server.raw(
          greeting: Frame.preface + Frame(.settings, Frame.setting(4, 0)).bytes)
        for number in 0..<UInt32(10) {
          attacker.send(
            .request("/test/Large", stream: 2 * number + 1), .message([], stream: 2 * number + 1))
        }
        try await body(attacker)
      }
    }
  }

  @Test func partialRequestsAreCapped() async throws {
    var limits = ServerLimits()
    limits.partialRequestBytesMax = 50_000
    try await withServer(limits: limits) { server in
      try await server.unharmed {
        let attacker = try await server.raw()
        let part = [0] + Frame.number(1_000_000, bytes: 4) + [UInt8](repeating: 0, count: 10_000)
        for number in 0..<UInt32(6) {
          attacker.send(
            .request(Echo.unary, stream: 2 * number + 1),
            Frame(.data, stream: 2 * number + 1, part))
        }
        try await attacker.wait("a refusal") { raw in
          raw.frames.contains {
            $0.kind == Frame.Kind.headers.rawValue && $0.flags & Frame.endStream != 0
          }
        }
        attacker.close()
      }
    }
  }

  @Test(arguments: [[], Array(Frame.preface.prefix(10)), Frame.preface])
  func silenceBeforeThePrefaceIsClosed(_ greeting: [UInt8]) async throws {
    var limits = ServerLimits()
    limits.prefaceTimeout = .milliseconds(1_000)
    try await withServer(limits: limits) { server in
      try await server.unharmed {
        let attacker = try await server.raw(greeting: greeting)
        try await attacker.waitUntilClosed()
      }
    }
  }

  @Test func idleConnectionIsToldAndClosed() async throws {
    var limits = ServerLimits()
    limits.idleTimeout = .milliseconds(100)
    try await withServer(limits: limits) { server in
      try await server.unharmed {
        let idler = try await server.raw()
        #expect(try await idler.waitForGoAway() == 0)
        try await idler.waitUntilClosed()
      }
    }
  }

  @Test(arguments: [
    "GET / HTTP/1.1\r\nHost: x\r\n\r\n", "\u{16}\u{3}\u{1}\u{0}garbage", "PRI * HTTP/2.0\r\n\r\nXX",
  ])
  func otherProtocolsAreClosed(_ greeting: String) async throws {
    // While other tests hold all threads, the greeting may come late; what closes is to be what it
    // says.
    var limits = ServerLimits()
    limits.prefaceTimeout = .seconds(120)
    try await withServer(limits: limits) { server in
      try await server.unharmed {
        let stranger = try await server.raw(greeting: Array(greeting.utf8))
        try await stranger.waitUntilClosed()
        let answer = String(decoding: stranger.received, as: UTF8.self)
        #expect(answer.hasPrefix("HTTP/1.1 400 "), "\(stranger.received.prefix(40))")
      }
    }
  }

  @Test func malformedFramesNeverHarmOthers() async throws {
    var generator = SeededGenerator(seed: 42)
    try await withServer { server in
      try await server.unharmed {
        for _ in 0..<200 {
          let attacker = try await server.raw()
          var bytes =
            Frame.request(Echo.unary, stream: 1).bytes + Frame.message([1, 2, 3], stream: 1).bytes
          for _ in 0..<4 {
            bytes[Int.random(in: 0..<bytes.count, using: &generator)] =
              UInt8.random(in: 0...255, using: &generator)
          }
          attacker.send(bytes + Frame(.ping, [0, 0, 0, 0, 0, 0, 0, 0]).bytes)
          attacker.close()
        }
      }
    }
  }
}
