import Messages
import Testing

@testable import Coordinator

/// The checks of calls over HTTP.
struct HTTPCallRulesTests {
  private let rules = Requests.rules

  private func check(
    url: String = "http://127.0.0.1:9000/try", method: String = "",
    _ change: (inout CaravanV1.Call) -> Void = { _ in }
  ) -> FieldViolations {
    var branch = Requests.saga("a")
    var call = Requests.call()
    call.target = .http(
      CaravanV1.HttpTarget {
        $0.url = url
        $0.method = method
      })
    change(&call)
    branch.phaseOne = call
    var violations = FieldViolations()
    rules.checkBranches([branch], &violations)
    return violations
  }

  @Test(arguments: ["", "DELETE", "GET", "PATCH", "POST", "PUT"])
  func theseAreMethods(method: String) {
    #expect(check(method: method).isEmpty)
  }

  @Test(arguments: ["get", "HEAD", "OPTIONS", "TRACE", "CONNECT", "POST ", "G\r\nET", "FOO"])
  func theseAreNot(method: String) {
    #expect(check(method: method).fields == ["branches[0].phase_one.http.method"])
  }

  @Test func aURLIsChecked() {
    #expect(check(url: "http://user@localhost/").fields == ["branches[0].phase_one.http.url"])
    #expect(check(url: "127.0.0.1:9000").fields == ["branches[0].phase_one.http.url"])
    #expect(check(url: "").fields == ["branches[0].phase_one.http.url"])
  }

  @Test func aURLIsPermittedByItsHostAndPort() {
    #expect(check(url: "https://localhost/x").isEmpty)
    #expect(check(url: "http://[::1]:1/x").isEmpty)
    for url in ["http://169.254.169.254/latest/meta-data", "http://shop/x", "http://[::2]/x"] {
      let violations = check(url: url)
      #expect(violations.forbidden.map(\.address) == [url])
      #expect(violations.forbidden.map(\.field) == ["branches[0].phase_one.http.url"])
    }
  }

  @Test func portsOfAPatternHoldForURLs() {
    var settings = Settings()
    settings.allow = AllowList(patterns: [AllowPattern("shop:443")].compactMap { $0 })
    let narrow = RequestRules(settings)
    func forbidden(_ url: String) -> Bool {
      var branch = Requests.mustSucceed("a", level: 0)
      branch.phaseOne?.target = .http(CaravanV1.HttpTarget { $0.url = url })
      var violations = FieldViolations()
      narrow.checkBranches([branch], &violations)
      return !violations.forbidden.isEmpty
    }
    #expect(!forbidden("https://shop/x"))
    #expect(!forbidden("http://SHOP:443/x"))
    #expect(forbidden("http://shop/x"))
    #expect(forbidden("https://shop:444/x"))
  }

  @Test func whatIsPermittedAsAURLIsNoAddress() {
    // Both are remembered, each for itself.
    #expect(check(url: "http://localhost:1").isEmpty)
    #expect(check(url: "http://localhost:1").isEmpty)
    let asAddress = check {
      $0.target = .grpc(
        CaravanV1.GrpcTarget {
          $0.address = "http://localhost:1"
          $0.method = "/a.B/C"
        })
    }
    #expect(asAddress.fields == ["branches[0].phase_one.grpc.address"])
    let address = { (call: inout CaravanV1.Call) in
      call.target = .grpc(
        CaravanV1.GrpcTarget {
          $0.address = "localhost:1"
          $0.method = "/a.B/C"
        })
    }
    #expect(check(address).isEmpty)
    #expect(check(url: "localhost:1").fields == ["branches[0].phase_one.http.url"])
  }

  // MARK: Headers

  @Test(arguments: [
    ("x-tenant", "blue"), ("authorization", "Bearer x.y"), ("content-type", "text/plain; a=\"b\""),
    ("user-agent", "me"), ("accept", "*/*"), ("x", ""), ("x", "a\tb c"), ("cookie", "a=b; c=d"),
    ("x!#$%&'*+-.^_`|~9", "x"), ("tracestate", "a=b"), ("x-bin", "a!b"),
  ])
  func theseAreHeaders(name: String, value: String) {
    #expect(check { $0.metadata = [name: value] }.isEmpty)
  }

  @Test(arguments: [
    "caravan-branch", "caravan-anything", "traceparent", "idempotency-key", "host",
    "content-length", "transfer-encoding", "connection", "te", "upgrade", "expect", "keep-alive",
    "proxy-authorization", "proxy-connection", "trailer",
  ])
  func theseAreCaravansOrHTTPsOwn(name: String) {
    let violations = check { $0.metadata = [name: "x"] }
    #expect(violations.fields == ["branches[0].phase_one.metadata['\(name)']"])
    #expect(violations.described.first?.description.contains("leave it out") == true)
  }

  @Test(arguments: [
    "", "X-Tenant", "Caravan-Branch", "a b", "a:b", ":path", "é", "a\r\nb", "a(b)", "a/b", "{a}",
  ])
  func theseAreNoNames(name: String) {
    #expect(check { $0.metadata = [name: "x"] }.count == 1)
  }

  @Test(arguments: ["a\nb", "a\r\nx: y", "\u{0}", "é", " a", "a ", "\ta", "a\u{7F}"])
  func theseAreNoValues(value: String) {
    #expect(check { $0.metadata = ["x": value] }.fields == ["branches[0].phase_one.metadata['x']"])
  }

  // MARK: Statuses

  @Test func alsoDoneOnNamesHTTPStatuses() {
    #expect(check { $0.alsoDoneOn = [100, 199, 300, 404, 599] }.isEmpty)
    #expect(
      check { $0.alsoDoneOn = [404, 5, 200, 299, 600, -1] }.fields == [
        "branches[0].phase_one.also_done_on[1]", "branches[0].phase_one.also_done_on[2]",
        "branches[0].phase_one.also_done_on[3]", "branches[0].phase_one.also_done_on[4]",
        "branches[0].phase_one.also_done_on[5]",
      ])
  }
}
