import Gateway
import NIOCore
import Testing

/// Server-sent events, on a real socket.
struct EventStreamTests {
  @Test func responsesComeAsEventsUntilTheEnd() async throws {
    try await withGateway { _, connection, _, _ in
      try await connection.request("GET /v1/things/ends:watch", headers: "Connection: close\n")
      let answer = await connection.textUpToClose()
      #expect(answer.contains("\nContent-Type: text/event-stream\n"))
      #expect(answer.contains("event: thing\ndata: {\"id\":\"one\"}\n\n"))
      #expect(answer.contains("event: thing\ndata: {\"id\":\"two\\nlines\"}\n\n"))
      #expect(!answer.contains("event: error"))
    }
  }

  @Test func aStreamThatFailsBeforeItBeginsIsAnErrorLikeEveryOther() async throws {
    try await withGateway { _, connection, _, _ in
      try await connection.request("GET /v1/things/none:watch")
      let answer = try await connection.text(upTo: "}")
      #expect(answer.hasPrefix("HTTP/1.1 404 "))
      #expect(answer.hasSuffix(#"{"code":5,"message":"no such thing","details":[]}"#))
    }
  }

  @Test func aStreamThatBreaksSaysSoByAnEvent() async throws {
    try await withGateway { _, connection, _, _ in
      try await connection.request("GET /v1/things/breaks:watch")
      let event = "event: error\ndata: {\"code\":14,\"message\":\"lost it\",\"details\":[]}\n\n"
      #expect(try await connection.text(upTo: event).hasPrefix("HTTP/1.1 200 "))
    }
  }

  @Test func aWatcherWhoHangsUpIsForgotten() async throws {
    try await withGateway { _, connection, heard, _ in
      try await connection.request("GET /v1/things/a:watch")
      _ = try await connection.text(upTo: "two")
      try await connection.shutDownOutput()
      #expect(await first(heard, "watch: byClient"))
    }
  }

  @Test func aQuietStreamShowsThatItLives() async throws {
    try await withGateway({ $0.heartbeatInterval = .milliseconds(50) }) { _, connection, _, _ in
      try await connection.request("GET /v1/things/a:watch")
      _ = try await connection.text(upTo: "two")
      _ = try await connection.text(upTo: "\n:\n\n")
      _ = try await connection.text(upTo: "\n:\n\n")
    }
  }
}
