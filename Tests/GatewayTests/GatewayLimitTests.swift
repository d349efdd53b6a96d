import Gateway
import NIOCore
import Testing

/// What ends a request or refuses it: sizes, times, callers who leave, the server that stops.
struct GatewayLimitTests {
  @Test func aBodyOverTheLimitIsRefusedHoweverItComes() async throws {
    try await withGateway({ $0.bodyBytesMax = 10 }) { _, connection, _, port in
      try await connection.request("POST /v1/things/a:change", #"{"size":1} "#)
      let answer = await connection.textUpToClose()
      #expect(answer.hasPrefix("HTTP/1.1 413 "))
      #expect(answer.contains("\nConnection: close\n"))
      let chunked = try await HTTPClientConnection.open(port)
      try await chunked.send(
        "POST /v1/things/a:change HTTP/1.1\nHost: test\nTransfer-Encoding: chunked\n\n6\n{\"size\n7\n\":1    \n0\n\n"
      )
      #expect(await chunked.textUpToClose().hasPrefix("HTTP/1.1 413 "))
      let fitting = try await HTTPClientConnection.open(port)
      try await fitting.request("POST /v1/things/a:change", #"{"size":1}"#)
      #expect(try await fitting.text(upTo: "}").hasPrefix("HTTP/1.1 200 "))
    }
  }

  @Test func aTimeThatIsUpIsToldAndEndsTheWait() async throws {
    try await withGateway { _, connection, heard, _ in
      try await connection.request("POST /v1/things:make", headers: "Request-Timeout: 0.05\n")
      let answer = try await connection.text(upTo: "}")
      #expect(answer.hasPrefix("HTTP/1.1 504 "))
      #expect(answer.contains(#"{"code":4,"#))
      #expect(await first(heard, "make: deadline"))
    }
  }

  @Test(arguments: ["-1", "0", "x", "1e3", "nan", "1s"])
  func aTimeThatIsNoneIsRefused(_ text: String) async throws {
    try await withGateway { _, connection, _, _ in
      try await connection.request(
        "POST /v1/things/a:change", headers: "Request-Timeout: \(text)\n")
      #expect(try await connection.text(upTo: "}").hasPrefix("HTTP/1.1 400 "))
    }
  }

  @Test func aCallerWhoHangsUpEndsItsWait() async throws {
    try await withGateway { _, connection, heard, _ in
      try await connection.request("POST /v1/things:make")
      #expect(await first(heard, "made"))
      try await connection.close()
      #expect(await first(heard, "make: byClient"))
    }
  }

  @Test func aStopLetsRequestsUnderWayHaveTheirGraceThenTellsThem() async throws {
    try await withGateway { gateway, connection, heard, port in
      let idle = try await HTTPClientConnection.open(port)
      try await idle.request("GET /v1/things/a")
      _ = try await idle.text(upTo: "}")
      try await connection.request("POST /v1/things:make")
      #expect(await first(heard, "made"))
      async let stopped: Void = gateway.shutdownGracefully(grace: .milliseconds(200))
      #expect(await idle.textUpToClose() == "")
      #expect(await first(heard, "make: connectionLost"))
      let answer = await connection.textUpToClose()
      #expect(answer.hasPrefix("HTTP/1.1 503 "))
      #expect(answer.contains("this coordinator is stopping; ask again with the same id"))
      await stopped
      await #expect(throws: (any Error).self) { try await HTTPClientConnection.open(port) }
    }
  }

  @Test func whatIsTooMuchForAllIsTurnedAwayUntilThereIsRoom() async throws {
    try await withGateway({ $0.bodiesBytesMax = 30 }) { _, connection, heard, port in
      try await connection.request("POST /v1/things:make", #"{"id":"0123456789"}"#)
      #expect(await first(heard, "made"))
      let second = try await HTTPClientConnection.open(port)
      try await second.request("POST /v1/things/a:change", #"{"size":123456789}"#)
      let answer = await second.textUpToClose()
      #expect(answer.hasPrefix("HTTP/1.1 429 "))
      #expect(answer.contains("\nRetry-After: 1\n"))
      try await connection.close()
      #expect(await first(heard, "make: byClient"))
      // The place is given back a moment after the handler is told.
      var status = ""
      while !status.hasPrefix("HTTP/1.1 200 ") {
        let third = try await HTTPClientConnection.open(port)
        try await third.request(
          "POST /v1/things/a:change", #"{"size":123456789}"#, headers: "Connection: close\n")
        status = await third.textUpToClose()
      }
    }
  }

  @Test func whoSaysNothingIsLeft() async throws {
    try await withGateway({ $0.idleTimeout = .milliseconds(200) }) { _, connection, _, _ in
      #expect(await connection.textUpToClose() == "")
    }
  }

  @Test func whoSendsTheBodyTooSlowlyIsLeft() async throws {
    try await withGateway({ $0.bodyTimeout = .milliseconds(200) }) { _, connection, _, _ in
      try await connection.send(
        """
        POST /v1/things/a:change HTTP/1.1
        Host: test
        Content-Type: application/json
        Content-Length: 900

        {
        """)
      #expect(await connection.textUpToClose() == "")
    }
  }
}
