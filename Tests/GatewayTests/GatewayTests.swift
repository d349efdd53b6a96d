import GRPC
import Gateway
import Logging
import NIOCore
import NIOPosix
import ProtoWire
import Testing
import Transport

/// The gateway on a real socket, before handlers that do what a test asks for.
struct GatewayTests {
  /// What the handlers were told.
  private final class Heard: Sendable {
    let cancellations: AsyncStream<String>
    let continuation: AsyncStream<String>.Continuation
    init() { (cancellations, continuation) = AsyncStream.makeStream() }
  }

  private static func thing(_ id: String) -> [UInt8] {
    var writer = WireWriter()
    writer.string(1, id)
    return writer.bytes()
  }

  private static func router(_ heard: Heard) -> Router {
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

  private func withGateway(
    bodyBytesMax: Int = 1_000,
    _ body: (Gateway, HTTPClientConnection, Heard, Int) async throws -> Void
  ) async throws {
    let heard = Heard()
    var configuration = Gateway.Configuration(address: .host("127.0.0.1", port: 0))
    configuration.bodyBytesMax = bodyBytesMax
    var logger = Logger(label: "test")
    logger.logLevel = .critical
    let gateway = try Gateway(
      configuration: configuration, routes: Shop.routes, router: Self.router(heard),
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

  private func first(_ heard: Heard, _ text: String) async -> Bool {
    for await event in heard.cancellations where event == text { return true }
    return false
  }

  @Test func requestsOfOneConnectionAreAnsweredInTurn() async throws {
    try await withGateway { _, connection, _, _ in
      for index in 1...3 {
        try await connection.request("GET /v1/things/a%2F\(index)?size=\(index)&tags=x&tags=y")
        let answer = try await connection.text(upTo: "}")
        #expect(answer.hasPrefix("HTTP/1.1 200 OK\n"))
        #expect(answer.hasSuffix(#"{"id":"a/\#(index)","size":\#(index),"tags":["x","y"]}"#))
      }
    }
  }

  @Test(arguments: [
    (
      "POST /v1/things/a:change", #"{"size":1,"is_new":true,"data":"_w"}"#, "200",
      #"{"id":"a","size":1,"isNew":true,"data":"/w=="}"#
    ),
    ("POST /v1/things/a:change", "", "200", #"{"id":"a"}"#),
    ("POST /v1/things/a:change", #"{"id":"a"}"#, "200", #"{"id":"a"}"#),
    ("POST /v1/things/a:change", #"{"id":"b"}"#, "400", "id: stands in the path already"),
    (
      "POST /v1/things/a:change", #"{"siz":1}"#, "400",
      #"siz: there is no such field in shop.Thing"#
    ),
    ("POST /v1/things/a:change", "{", "400", "the JSON ends inside a value, at byte 1"),
    ("POST /v1/things/a:change", "[]", "400", "the body is an array; write an object"),
    ("POST /v1/things/a:change?size=1", "{}", "400", "size: there is no such query parameter"),
    (
      "GET /v1/things/a?size=x", "", "400",
      #"size: is \"x\"; write a whole number of 32 bits, not negative"#
    ),
    ("GET /v1/things/a?siz=1", "", "400", "siz: there is no such query parameter"),
    ("GET /v1/things/a?id=b", "", "400", "id: there is no such query parameter"),
    ("GET /v1/things/a?size=1&size=2", "", "400", "size: stands in the query twice"),
    ("GET /v1/things/a?isNew=1", "", "400", #"isNew: is \"1\"; write true or false"#),
    ("GET /v1/things/%ff", "", "400", "id: is not percent-encoded UTF-8 in the path"),
    ("GET /v1/things/a?%", "", "400", "the query is not percent-encoded UTF-8"),
    ("GET /v1/nothing", "", "404", #"{"code":5,"#), ("GET /v1/things/a/b", "", "404", "%2F"),
    ("PUT /v1/things/a", "", "405", #"{"code":12,"#),
    ("PATCH /openapi.json", "", "405", #"{"code":12,"#),
    ("GET /", "", "200", #"{"openapi":"/openapi.json"}"#),
  ])
  func aRequestGetsItsAnswer(_ line: String, _ body: String, _ status: String, _ part: String)
    async throws
  {
    try await withGateway { _, connection, _, _ in
      try await connection.request(line, body, headers: "Connection: close\n")
      let answer = await connection.textUpToClose()
      #expect(answer.hasPrefix("HTTP/1.1 \(status) "))
      #expect(answer.contains("\nContent-Type: application/json\n"))
      #expect(answer.contains(part), "\(answer)")
    }
  }

  @Test func anotherMethodIsToldWhichAreServed() async throws {
    try await withGateway { _, connection, _, _ in
      try await connection.request("PUT /v1/things/a")
      #expect(try await connection.text(upTo: "\n\n").contains("\nAllow: GET\n"))
    }
  }

  @Test func aPushbackBecomesRetryAfter() async throws {
    try await withGateway { _, connection, _, _ in
      try await connection.request("GET /v1/things")
      let answer = try await connection.text(upTo: "}")
      #expect(answer.hasPrefix("HTTP/1.1 503 "))
      #expect(answer.contains("\nRetry-After: 2\n"))
      #expect(answer.hasSuffix(#"{"code":14,"message":"not now","details":[]}"#))
    }
  }

  @Test(arguments: [
    "text/plain", "application/x-www-form-urlencoded", "application/json; charset=latin1",
    "application/jsonp",
  ])
  func anotherContentTypeIsRefused(_ type: String) async throws {
    try await withGateway { _, connection, _, _ in
      try await connection.send(
        "POST /v1/things/a:change HTTP/1.1\nHost: test\nContent-Type: \(type)\nContent-Length: 2\n\n{}"
      )
      #expect(try await connection.text(upTo: "}").hasPrefix("HTTP/1.1 415 "))
    }
  }

  @Test func aBodyOverTheLimitIsRefusedHoweverItComes() async throws {
    try await withGateway(bodyBytesMax: 10) { _, connection, _, port in
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

  @Test func aCallerWhoExpectsToBeToldToGoOnIsTold() async throws {
    try await withGateway { _, connection, _, _ in
      try await connection.send(
        "POST /v1/things/a:change HTTP/1.1\nHost: test\nExpect: 100-continue\nContent-Type: application/json\nContent-Length: 2\n\n"
      )
      #expect(try await connection.text(upTo: "\n\n").hasPrefix("HTTP/1.1 100 "))
      try await connection.send("{}")
      #expect(try await connection.text(upTo: "}").hasPrefix("HTTP/1.1 200 "))
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

  @Test func aStopLetsRequestsUnderWayHaveTheirGraceThenClosesThem() async throws {
    try await withGateway { gateway, connection, heard, port in
      let idle = try await HTTPClientConnection.open(port)
      try await idle.request("GET /v1/things/a")
      _ = try await idle.text(upTo: "}")
      try await connection.request("POST /v1/things:make")
      #expect(await first(heard, "made"))
      async let stopped: Void = gateway.shutdownGracefully(grace: .milliseconds(200))
      #expect(await idle.textUpToClose() == "")
      #expect(await first(heard, "make: byClient"))
      await stopped
      await #expect(throws: (any Error).self) { try await HTTPClientConnection.open(port) }
    }
  }
}
