import Testing

/// The gateway on a real socket, before handlers that do what a test asks for.
struct GatewayTests {
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

  @Test func aCallerWhoExpectsToBeToldToGoOnMayNotKnowTheLength() async throws {
    try await withGateway { _, connection, _, _ in
      try await connection.send(
        """
        POST /v1/things/a:change HTTP/1.1
        Host: test
        Expect: 100-continue
        Content-Type: application/json
        Transfer-Encoding: chunked


        """)
      #expect(try await connection.text(upTo: "\n\n").hasPrefix("HTTP/1.1 100 "))
      try await connection.send("2\n{}\n0\n\n")
      #expect(try await connection.text(upTo: "}").hasPrefix("HTTP/1.1 200 "))
    }
  }

  @Test(arguments: [
    ("http://test", "200"), ("http://TEST", "200"), ("http://elsewhere", "403"), ("null", "403"),
    ("http://test:1", "403"),
  ])
  func aPageOfAnotherSiteIsRefused(_ origin: String, _ status: String) async throws {
    try await withGateway { _, connection, _, _ in
      try await connection.request("POST /v1/things/a:change", headers: "Origin: \(origin)\n")
      #expect(try await connection.text(upTo: "}").hasPrefix("HTTP/1.1 \(status) "))
    }
  }
}
