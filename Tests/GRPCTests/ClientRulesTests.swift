import HTTP2
import Testing

@testable import GRPC

/// docs/design.md, "gRPC on the wire": the rules at the client; and who said what about a call's
/// end.
@Suite struct ClientRulesTests {
  private let message = MessageFrame.frame([7])

  @Test func requestSaysWhatGRPCAsksFor() throws {
    let wire = try ClientWire()
    let id = try wire.start(
      metadata: ["k": "v"], timeout: 1_500_000_000)
    let request = try #require(wire.requests[id])
    #expect(request[":method"] == "POST")
    #expect(request[":path"] == "/t.S/M")
    #expect(request[":authority"] == "a:1")
    #expect(request["te"] == "trailers")
    #expect(request["content-type"] == "application/grpc")
    #expect(request["grpc-timeout"] == "1500m")
    #expect(request["k"] == "v")
    #expect(wire.bodies[id] == [0, 0, 0, 0, 1, 1])
  }

  @Test func okWithAMessage() throws {
    let wire = try ClientWire()
    let id = try wire.start()
    try wire.answer(
      id, headers: ClientWire.good + [("early", "1")], body: message,
      trailers: [("grpc-status", "0"), ("late", "2")])
    let reply = try #require(wire.replies[id])
    #expect(reply.status.code == .ok)
    #expect(reply.origin == .peer)
    #expect(reply.message == [7])
    #expect(reply.initialMetadata.first("early") == "1")
    #expect(reply.trailingMetadata.first("late") == "2")
  }

  @Test func trailersOnly() throws {
    let wire = try ClientWire()
    let id = try wire.start()
    try wire.answerOnly(
      id,
      headers: ClientWire.good + [
        ("grpc-status", "10"), ("grpc-message", "a%20b%zz"), ("grpc-status-details-bin", "AQ"),
        ("grpc-retry-pushback-ms", "50"),
      ])
    let reply = try #require(wire.replies[id])
    #expect(reply.status.code == .aborted)
    #expect(reply.status.message == "a b%zz")
    #expect(reply.status.details == [1])
    #expect(reply.origin == .peer)
    #expect(reply.trailingMetadata.first("grpc-retry-pushback-ms") == "50")
  }

  @Test(
    arguments: [
      ("400", .internal), ("401", .unauthenticated), ("403", .permissionDenied),
      ("404", .unimplemented), ("429", .unavailable), ("502", .unavailable), ("503", .unavailable),
      ("504", .unavailable), ("500", .unknown), ("418", .unknown), ("302", .unknown),
    ] as [(String, StatusCode)])
  func httpStatusAloneIsMappedAndOurOwn(_ status: String, _ code: StatusCode) throws {
    let wire = try ClientWire()
    for body in [nil, [1, 2, 3]] as [[UInt8]?] {
      let id = try wire.start()
      let headers = [(":status", status), ("content-type", "text/html")]
      if let body {
        try wire.answer(id, headers: headers, body: body, trailers: nil)
      } else {
        try wire.answerOnly(id, headers: headers)
      }
      #expect(wire.replies[id]?.status.code == code)
      #expect(wire.replies[id]?.origin == .local)
      #expect(wire.replies[id]?.delivery == .maybeSent)
    }
  }

  @Test func grpcStatusBesideAnHTTPStatusCounts() throws {
    let wire = try ClientWire()
    let id = try wire.start()
    try wire.answerOnly(id, headers: [(":status", "503"), ("grpc-status", "5")])
    #expect(wire.replies[id]?.status.code == .notFound)
    #expect(wire.replies[id]?.origin == .peer)
  }

  @Test(arguments: ["17", "-1", "x", "", "100"])
  func statusThatIsNoneIsUnknownAndOurOwn(_ status: String) throws {
    let wire = try ClientWire()
    let id = try wire.start()
    try wire.answer(id, body: message, trailers: [("grpc-status", status)])
    #expect(wire.replies[id]?.status.code == .unknown)
    #expect(wire.replies[id]?.origin == .local)
  }

  @Test func missingStatusIsUnknownAndOurOwn() throws {
    let wire = try ClientWire()
    for trailers in [nil, [("x", "y")]] as [[(String, String)]?] {
      let id = try wire.start()
      try wire.answer(id, body: message, trailers: trailers)
      #expect(wire.replies[id]?.status.code == .unknown)
      #expect(wire.replies[id]?.origin == .local)
    }
    let id = try wire.start()
    try wire.answerOnly(id, headers: ClientWire.good)
    #expect(wire.replies[id]?.status.code == .unknown)
  }

  @Test func contentTypeThatIsNotGRPCIsUnknownAndOurOwn() throws {
    let wire = try ClientWire()
    let id = try wire.start()
    try wire.answer(
      id, headers: [(":status", "200"), ("content-type", "text/html")], body: [60], trailers: nil)
    #expect(wire.replies[id]?.status.code == .unknown)
    #expect(wire.replies[id]?.origin == .local)
  }

  @Test func okNeedsExactlyOneWholeMessage() throws {
    let wire = try ClientWire()
    for body in [[], message + message, Array(message.dropLast())] {
      let id = try wire.start()
      try wire.answer(id, body: body)
      #expect(wire.replies[id]?.status.code == .internal)
      #expect(wire.replies[id]?.origin == .local)
      #expect(wire.replies[id]?.message == nil)
    }
  }

  @Test func replyOverTheLimitEndsTheCallAndTheStream() throws {
    let wire = try ClientWire()
    let id = try wire.start(replyBytesMax: 10)
    try wire.answer(id, body: MessageFrame.frame([UInt8](repeating: 0, count: 11)))
    #expect(wire.replies[id]?.status.code == .resourceExhausted)
    #expect(wire.replies[id]?.origin == .local)
    let exact = try wire.start(replyBytesMax: 10)
    try wire.answer(exact, body: MessageFrame.frame([UInt8](repeating: 0, count: 10)))
    #expect(wire.replies[exact]?.status.code == .ok)
  }

  @Test func gzipRepliesAreTakenAndOthersAreNot() throws {
    let wire = try ClientWire()
    var frame = MessageFrame.frame(Gzip.compress([1, 2, 3]))
    frame[0] = 1
    let id = try wire.start()
    try wire.answer(id, headers: ClientWire.good + [("grpc-encoding", "gzip")], body: frame)
    #expect(wire.replies[id]?.message == [1, 2, 3])
    let other = try wire.start()
    try wire.answer(other, headers: ClientWire.good + [("grpc-encoding", "br")], body: frame)
    #expect(wire.replies[other]?.status.code == .internal)
    #expect(wire.replies[other]?.origin == .local)
  }

  @Test(
    arguments: [
      (.refusedStream, .unavailable, .notSent), (.cancel, .cancelled, .maybeSent),
      (.enhanceYourCalm, .resourceExhausted, .maybeSent), (.internalError, .internal, .maybeSent),
      (.noError, .internal, .maybeSent), (.inadequateSecurity, .permissionDenied, .maybeSent),
    ] as [(ErrorCode, StatusCode, ClientReply.Delivery)])
  func resetsAreMapped(
    _ reset: ErrorCode, _ code: StatusCode, _ delivery: ClientReply.Delivery
  ) throws {
    let wire = try ClientWire()
    let id = try wire.start()
    wire.server.reset(stream: id, reset)
    try wire.exchange()
    #expect(wire.replies[id]?.status.code == code)
    #expect(wire.replies[id]?.origin == .local)
    #expect(wire.replies[id]?.delivery == delivery)
  }

  @Test func callsAboveAGoAwaysLastStreamWereNotSent() throws {
    let wire = try ClientWire()
    let first = try wire.start()
    wire.server.refuseNewStreams()
    // Both on their way at the same time: the second call crosses the GOAWAY.
    let second = try wire.client.start(
      RequestHeaders(path: "/t.S/M", authority: "a", metadata: Metadata(), timeout: nil),
      message: [], replyBytesMax: 10)
    try wire.exchange()
    #expect(wire.replies[second]?.delivery == .notSent)
    #expect(wire.replies[second]?.status.code == .unavailable)
    #expect(wire.client.isRetired)
    #expect(!wire.client.hasRoom)
    // The first one is not touched.
    #expect(wire.replies[first] == nil)
    try wire.answer(first, body: message)
    #expect(wire.replies[first]?.status.code == .ok)
    #expect(wire.client.isFinished)
  }

  @Test func lostConnectionKnowsWhatItHadWritten() throws {
    let wire = try ClientWire()
    let sent = try wire.start()
    let unsent = try wire.client.start(
      RequestHeaders(path: "/t.S/M", authority: "a", metadata: Metadata(), timeout: nil),
      message: [], replyBytesMax: 10)
    wire.client.connectionLost("gone")
    wire.takeEvents()
    #expect(wire.replies[sent]?.delivery == .maybeSent)
    #expect(wire.replies[sent]?.status == Status(.unavailable, "gone"))
    #expect(wire.replies[unsent]?.delivery == .notSent)
  }

  @Test func cancelTellsThePeerAndNobodyElse() throws {
    let wire = try ClientWire()
    let id = try wire.start()
    #expect(wire.client.cancel(id) == .maybeSent)
    try wire.exchange()
    #expect(wire.closed[id] == .cancel)
    #expect(wire.replies[id] == nil)
    #expect(wire.client.openCount == 0)
    let unsent = try wire.client.start(
      RequestHeaders(path: "/t.S/M", authority: "a", metadata: Metadata(), timeout: nil),
      message: [], replyBytesMax: 10)
    #expect(wire.client.cancel(unsent) == .notSent)
    try wire.exchange()
    #expect(wire.requests[unsent] == nil)
    #expect(wire.client.openCount == 0)
  }

  @Test func peersLimitOfStreamsIsKnown() throws {
    var limits = Limits()
    limits.concurrentStreamsMax = 2
    let wire = try ClientWire(server: limits)
    let first = try wire.start()
    #expect(wire.client.hasRoom)
    _ = try wire.start()
    #expect(!wire.client.hasRoom)
    try wire.answer(first, body: message)
    #expect(wire.client.hasRoom)
  }

  @Test func keepalivePingsSeldomAndGivesUpOnSilence() throws {
    let limits = ClientLimits()
    let wire = try ClientWire(limits: limits)
    _ = try wire.start()
    let start = wire.now
    var pings = 0
    var bytes = 0
    // Nobody answers: a ping after the interval, and after the timeout the end.
    while !wire.client.isOverdue, wire.now < start + 1_000_000_000_000 {
      wire.now = wire.client.nextWake
      wire.client.wake(now: wire.now)
      bytes = 0
      _ = try wire.client.drain(budget: .max) { bytes += $0.count }
      if bytes == 17 { pings += 1 }
    }
    #expect(pings == 1)
    #expect(wire.client.isOverdue)
    #expect(wire.now - start >= limits.keepaliveInterval.nanoseconds)
    #expect(
      wire.now - start <= (limits.keepaliveInterval + limits.keepaliveTimeout * 2).nanoseconds)
  }

  @Test func peerThatSaysNothingIsGivenUp() throws {
    let client = try ClientSession(limits: ClientLimits(), now: 0)
    while client.nextWake <= ClientLimits().connectTimeout.nanoseconds * 2, !client.isOverdue {
      client.wake(now: client.nextWake)
    }
    #expect(client.isOverdue)
  }

  @Test func pausedStreamHoldsItsEndBack() throws {
    let wire = try ClientWire()
    let id = try wire.start(message: nil)
    wire.client.pauseReading(id)
    try wire.answer(id, body: message + message)
    #expect(wire.replies[id] == nil)
    wire.client.resumeReading(id)
    wire.takeEvents()
    let messages = wire.events.compactMap {
      if case .message(_, let bytes) = $0 { bytes } else { nil }
    }
    #expect(messages == [[7], [7]])
    #expect(wire.replies[id]?.status.code == .ok)
  }
}
