import Testing

@testable import HTTP2

@Suite struct SessionTests {
  /// Hands one session's output to the other until both are silent; returns what each was told.
  private func exchange(_ client: Session, _ server: Session) throws -> (
    client: [Event], server: [Event]
  ) {
    var told: (client: [Event], server: [Event]) = ([], [])
    for _ in 0..<100 {
      var moved = false
      for (from, to) in [(client, server), (server, client)] {
        var bytes: [UInt8] = []
        _ = try from.drain(budget: .max) { bytes.append(contentsOf: $0) }
        moved = moved || !bytes.isEmpty
        try to.receive(bytes.span.bytes, now: 1)
        while let event = to.nextEvent() {
          if to === client { told.client.append(event) } else { told.server.append(event) }
        }
      }
      if !moved { return told }
    }
    Issue.record("the two never fell silent")
    return told
  }

  @Test func requestAndResponseArriveWhole() throws {
    let client = try Session(role: .client, limits: Limits())
    let server = try Session(role: .server, limits: Limits())
    let stream = try client.submitRequest(
      HeaderBlock([
        (":method", "POST"), (":scheme", "http"), (":path", "/a"), (":authority", "b"), ("x", ""),
      ]),
      body: [1, 2, 3], end: .endStream)
    #expect(!client.wasSent(stream: stream))
    let first = try exchange(client, server)
    #expect(client.wasSent(stream: stream))
    #expect(first.server.contains { if case .end(stream) = $0 { true } else { false } })
    server.submitResponse(
      stream: stream, HeaderBlock([(":status", "200")]), body: [4],
      end: .trailers(HeaderBlock([("grpc-status", "0")])))
    let second = try exchange(client, server)
    var kinds: [String] = []
    for event in second.client {
      switch event {
      case .headers(_, _, .response, let end): kinds.append("response \(end)")
      case .headers(_, _, .trailers, let end): kinds.append("trailers \(end)")
      case .data: kinds.append("data")
      case .closed(_, .noError, true): kinds.append("closed")
      default: kinds.append("other")
      }
    }
    #expect(kinds == ["response false", "data", "trailers true", "closed"])
  }
}
