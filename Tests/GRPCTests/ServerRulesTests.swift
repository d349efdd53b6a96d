import HTTP2
import Testing

@testable import GRPC

/// docs/design.md, "gRPC on the wire": the rules at the server.
@Suite struct ServerRulesTests {
  private let message = MessageFrame.frame([1, 2])

  @Test(arguments: [
    "text/plain", "application/grpcx", "application/grpc+json", "application/json", "",
  ])
  func contentTypeThatIsNotGRPCGets415(_ type: String) throws {
    let wire = try ServerWire()
    let stream = try wire.send(ServerWire.headers([("content-type", type)]), message)
    #expect(wire.response(stream).headers[":status"] == "415")
    #expect(wire.response(stream).status == nil)
    #expect(wire.delivered == nil)
  }

  @Test(arguments: [
    "application/grpc", "application/grpc+proto", "application/grpc;charset=utf-8",
    "application/grpc+proto;x=y",
  ])
  func contentTypesOfGRPCAreTaken(_ type: String) throws {
    let wire = try ServerWire()
    try wire.send(ServerWire.headers([("content-type", type)]), message)
    #expect(wire.delivered?.message == [1, 2])
  }

  @Test func anotherHTTPMethodGets405() throws {
    let wire = try ServerWire()
    let stream = try wire.send(ServerWire.headers([(":method", "GET")]), [])
    #expect(wire.response(stream).headers[":status"] == "405")
  }

  @Test func unknownMethodIsUnimplementedAndNamed() throws {
    let wire = try ServerWire()
    let stream = try wire.send(ServerWire.headers(path: "/t.S/None"), message)
    #expect(wire.response(stream).status == "12")
    #expect(wire.response(stream).message == "unknown method /t.S/None")
    #expect(wire.response(stream).headers["content-type"] == "application/grpc")
  }

  @Test func unknownEncodingIsUnimplementedAndSaysWhatIsKnown() throws {
    let wire = try ServerWire()
    let stream = try wire.send(ServerWire.headers([("grpc-encoding", "snappy")]), message)
    #expect(wire.response(stream).status == "12")
    #expect(wire.response(stream).headers["grpc-accept-encoding"] == "identity,gzip")
  }

  @Test func expiredDeadlineAnswersAndCancels() throws {
    let wire = try ServerWire()
    let stream = try wire.send(ServerWire.headers([("grpc-timeout", "10m")]), message)
    #expect(wire.delivered?.head.deadline == wire.now + 10_000_000)
    try wire.wait(9_000_000)
    #expect(wire.response(stream).status == nil)
    try wire.wait(1_000_000)
    #expect(wire.response(stream).status == "4")
    #expect(wire.cancellations == [.deadline])
    // What the handler says now comes too late.
    wire.server.reply(stream, message: [], trailing: Metadata())
    try wire.exchange()
    #expect(wire.response(stream).body.isEmpty)
  }

  @Test func deadlineOfARequestThatNeverEndsIsKept() throws {
    let wire = try ServerWire()
    let stream = try wire.send(
      ServerWire.headers([("grpc-timeout", "10m")]), Array(message.prefix(4)), end: .open)
    try wire.wait(10_000_000)
    #expect(wire.response(stream).status == "4")
    #expect(wire.response(stream).closed == .noError)
    #expect(wire.cancellations.isEmpty)
  }

  @Test(arguments: ["123456789S", "5", "x", "5s", "-1S"])
  func malformedTimeoutIsRefused(_ timeout: String) throws {
    let wire = try ServerWire()
    let stream = try wire.send(ServerWire.headers([("grpc-timeout", timeout)]), message)
    #expect(wire.response(stream).status == "13")
    #expect(wire.delivered == nil)
  }

  @Test func resetCancels() throws {
    let wire = try ServerWire()
    let stream = try wire.send(ServerWire.headers(), message)
    wire.client.reset(stream: stream, .cancel)
    try wire.exchange()
    #expect(wire.cancellations == [.byClient])
  }

  @Test func lostConnectionCancels() throws {
    let wire = try ServerWire()
    try wire.send(ServerWire.headers(), message)
    wire.server.connectionLost()
    try wire.exchange()
    #expect(wire.cancellations == [.connectionLost])
  }

  @Test func binaryMetadataIsPaddedOrNotAndJoined() throws {
    let wire = try ServerWire()
    try wire.send(
      ServerWire.headers([
        ("a-bin", "AAE="), ("b-bin", "AAE"), ("c-bin", "AAE=,/w,,AAEC"), ("d-bin", "!!"),
      ]), message)
    let metadata = try #require(wire.delivered?.head.metadata)
    #expect(metadata.bytes("a-bin") == [[0, 1]])
    #expect(metadata.bytes("b-bin") == [[0, 1]])
    #expect(metadata.bytes("c-bin") == [[0, 1], [255], [], [0, 1, 2]])
    #expect(metadata.bytes("d-bin").isEmpty)
    #expect(metadata.count == 4)
  }

  @Test func gzipIsTaken() throws {
    let wire = try ServerWire()
    var frame = MessageFrame.frame(Gzip.compress([UInt8](repeating: 9, count: 100_000)))
    frame[0] = 1
    try wire.send(ServerWire.headers([("grpc-encoding", "gzip")]), frame)
    let isSame = wire.delivered?.message == [UInt8](repeating: 9, count: 100_000)
    #expect(isSame)
  }

  @Test func plainMessageUnderGzipIsTaken() throws {
    let wire = try ServerWire()
    try wire.send(ServerWire.headers([("grpc-encoding", "gzip")]), message)
    #expect(wire.delivered?.message == [1, 2])
  }

  @Test func gzipBombStopsAtTheLimit() throws {
    let wire = try ServerWire()
    var frame = MessageFrame.frame(Gzip.compress([UInt8](repeating: 0, count: 64 << 20)))
    frame[0] = 1
    let stream = try wire.send(ServerWire.headers([("grpc-encoding", "gzip")]), frame)
    #expect(wire.response(stream).status == "8")
  }

  @Test(
    arguments: [
      ("gzip", [1, 0, 0, 0, 3, 1, 2, 3]),
      ("identity", [1, 0, 0, 0, 1, 1]),
      ("identity", [2, 0, 0, 0, 1, 1]),
      ("identity", [0, 0, 0, 0, 2, 1]),
      ("identity", [0, 0, 0]),
      ("identity", []),
      ("identity", [0, 0, 0, 0, 0, 0, 0, 0, 0, 0]),
    ] as [(String, [UInt8])])
  func malformedBodiesAreInternalErrors(_ encoding: String, _ body: [UInt8]) throws {
    let wire = try ServerWire()
    let stream = try wire.send(ServerWire.headers([("grpc-encoding", encoding)]), body)
    #expect(wire.response(stream).status == "13")
    #expect(wire.delivered == nil)
  }

  @Test func messageOverTheLimitIsRefusedByItsPrefix() throws {
    let wire = try ServerWire()
    let stream = try wire.send(
      ServerWire.headers(), [0, 0, 0x40, 0, 1], end: .open)
    #expect(wire.response(stream).status == "8")
    // The client is told to stop sending.
    #expect(wire.response(stream).closed == .noError)
  }

  @Test func statusCarriesMessageDetailsAndMetadata() throws {
    let wire = try ServerWire()
    let stream = try wire.send(ServerWire.headers(), message)
    wire.server.finish(
      stream,
      Status(
        .aborted, "50 % «nö»\n", details: [1, 2, 3],
        metadata: ["grpc-retry-pushback-ms": "100", "x": "y"]))
    try wire.exchange()
    let headers = wire.response(stream).headers
    #expect(headers["grpc-status"] == "10")
    #expect(headers["grpc-message"] == "50 %25 %C2%ABn%C3%B6%C2%BB%0A")
    #expect(headers["grpc-status-details-bin"] == "AQID")
    #expect(headers["grpc-retry-pushback-ms"] == "100")
    #expect(headers["x"] == "y")
  }

  @Test func trailersThatCannotBeSentResetTheCall() throws {
    let wire = try ServerWire()
    let stream = try wire.send(ServerWire.headers(), message)
    wire.server.reply(
      stream, message: [1],
      trailing: ["x": String(repeating: "y", count: 100_000)])
    try wire.exchange()
    #expect(wire.response(stream).closed == .internalError)
    let next = try wire.send(ServerWire.headers(), message)
    wire.server.reply(next, message: [2], trailing: Metadata())
    try wire.exchange()
    #expect(wire.response(next).status == "0")
  }

  @Test func longMessagesAreCutBetweenCharacters() throws {
    let encoded = PercentEncoding.encode(String(repeating: "ö", count: 5_000), bytesMax: 2_048)
    #expect(encoded.count <= 2_048)
    let decoded = PercentEncoding.decode(encoded.span)
    #expect(decoded.allSatisfy { $0 == "ö" })
  }

  @Test func callsAreRefusedAfterTheSecondGoAwayAndThoseBeforeFinish() throws {
    let wire = try ServerWire()
    let stream = try wire.send(ServerWire.headers(), message)
    wire.server.announceShutdown()
    // The ping is answered at once, so the second GOAWAY follows.
    try wire.exchange()
    #expect(!wire.server.isFinished)
    #expect(throws: (any Error).self) {
      let late = try wire.send(ServerWire.headers(), message)
      if wire.response(late).closed == .refusedStream { throw SessionError.notHTTP2 }
    }
    wire.server.reply(stream, message: [7], trailing: Metadata())
    try wire.exchange()
    #expect(wire.response(stream).body == [0, 0, 0, 0, 1, 7])
    #expect(wire.server.isFinished)
  }

  @Test func streamingMessagesComeOneByOneAndBackpressureHolds() throws {
    let wire = try ServerWire()
    let stream = try wire.send(
      ServerWire.headers(path: ServerWire.streaming), message + message, end: .open)
    let messages = wire.serverEvents.compactMap {
      if case .message(_, let bytes) = $0 { bytes } else { nil }
    }
    #expect(messages == [[1, 2], [1, 2]])
    wire.server.pauseReading(stream)
    wire.client.send([UInt8](repeating: 0, count: 2 << 20), stream: stream)
    try wire.exchange()
    // The rest waits with the client: no more than the window was taken.
    #expect(wire.client.queuedBytes(stream: stream) >= (2 << 20) - (256 << 10))
    #expect(wire.server.send(stream, [3]))
    wire.server.finish(stream, .ok)
    try wire.exchange()
    #expect(wire.response(stream).body == [0, 0, 0, 0, 1, 3])
    #expect(wire.response(stream).status == "0")
    // Ended before the client had sent everything: it is told to stop.
    #expect(wire.response(stream).closed == .noError)
  }
}
