import Messages
import Testing

@testable import Coordinator

struct CallRulesTests {
  private let rules = Requests.rules

  private func check(_ change: (inout CaravanV1.Call) -> Void) -> FieldViolations {
    var branch = Requests.saga("a")
    var call = Requests.call()
    change(&call)
    branch.undo = call
    var violations = FieldViolations()
    rules.checkBranches([branch], &violations)
    return violations
  }

  private func check(address: String, method: String = "/a.B/C") -> FieldViolations {
    check {
      $0.target = .grpc(
        CaravanV1.GrpcTarget {
          $0.address = address
          $0.method = method
        })
    }
  }

  private func check(retry: CaravanV1.RetryPolicy) -> [String] {
    var branch = Requests.saga("a")
    branch.retry = retry
    var violations = FieldViolations()
    rules.checkBranches([branch], &violations)
    return violations.fields
  }

  @Test func aRepeatIsJudgedLikeTheFirst() {
    for _ in 0..<2 {
      #expect(check(address: "127.0.0.1:9000").isEmpty)
      #expect(check(address: "169.254.169.254:80").forbidden.count == 1)
      #expect(!check(address: "127.0.0.1").isEmpty)
    }
  }

  @Test(arguments: [
    "localhost:1", "127.0.0.1:65535", "[::1]:9000", "dns:///localhost:9000", "unix:/run/a.sock",
  ])
  func theseAreAddresses(address: String) {
    #expect(check(address: address).isEmpty)
  }

  @Test(arguments: [
    "", "stock", "stock:", "stock:x", "stock:70000", "stock:0", ":9000", "::1:9000", "http://a:1",
    "unix:", "a b:1",
  ])
  func theseAreNone(address: String) {
    #expect(check(address: address).fields == ["branches[0].undo.grpc.address"])
  }

  @Test(arguments: ["/a.B/C", "/B/C", "/a.b.c.D_1/E-f"])
  func theseAreMethods(method: String) {
    #expect(check(address: "localhost:1", method: method).isEmpty)
  }

  @Test(arguments: [
    "", "/", "a.B/C", "/a.B", "/a.B/", "//C", "/a.B/C/D", "/a.B/C ", "/a.B/C?x", "/é/C", "/a\r/C",
  ])
  func theseAreNot(method: String) {
    let fields = check(address: "localhost:1", method: method).fields
    #expect(fields == ["branches[0].undo.grpc.method"])
  }

  @Test func addressesThatAreNotPermittedAreForbiddenOnce() {
    var violations = FieldViolations()
    var branches = [Requests.saga("a"), Requests.saga("b")]
    for index in branches.indices {
      branches[index].undo?.target = .grpc(
        CaravanV1.GrpcTarget {
          $0.address = "169.254.169.254:80"
          $0.method = "/a.B/C"
        })
    }
    rules.checkBranches(branches, &violations)
    #expect(violations.count == 0)
    #expect(!violations.isEmpty)
    #expect(violations.forbidden.map(\.address) == ["169.254.169.254:80"])
    #expect(violations.forbidden.map(\.field) == ["branches[0].undo.grpc.address"])
  }

  @Test func nothingIsPermittedWhereNothingIsSaid() {
    let closed = RequestRules(Settings())
    var violations = FieldViolations()
    closed.checkBranches([Requests.saga("a")], &violations)
    #expect(violations.forbidden.count == 1)
  }

  @Test func aPayloadHasOneMebibyteAtMost() {
    #expect(check { $0.payload = Array(repeating: 0, count: 1 << 20) }.isEmpty)
    #expect(
      check { $0.payload = Array(repeating: 0, count: 1 << 20 + 1) }.fields
        == ["branches[0].undo.payload"])
  }

  @Test func metadataThatCanBeSentIsRight() {
    let metadata = ["x-tenant": "blue", "token-bin": "AAEC", "authorization": "Bearer x.y"]
    #expect(check { $0.metadata = metadata }.isEmpty)
  }

  @Test(arguments: [
    ("caravan-branch", "x"), ("grpc-timeout", "1S"), ("grpc-retry-pushback-ms", "1"),
    (":path", "/"), ("X-Tenant", "blue"), ("", "x"), ("a b", "x"), ("content-type", "x"),
    ("te", "trailers"), ("host", "x"), ("x", "a\nb"), ("x", "é"), ("x", " a"), ("x-bin", "a!b"),
    ("user-agent", "me"), ("connection", "close"), ("traceparent", "00-1-2-01"),
  ])
  func metadataThatCannotBeSentIsNamed(name: String, value: String) {
    #expect(
      check { $0.metadata = [name: value] }.fields == ["branches[0].undo.metadata['\(name)']"])
  }

  @Test func metadataHasEightKibibytesAtMost() {
    let value = String(repeating: "a", count: 8_191)
    #expect(check { $0.metadata = ["x": value] }.isEmpty)
    #expect(
      check { $0.metadata = ["xy": value] }.fields == ["branches[0].undo.metadata"])
  }

  @Test func alsoDoneOnNamesStatusCodes() {
    #expect(check { $0.alsoDoneOn = [1, 5, 16] }.isEmpty)
    #expect(
      check { $0.alsoDoneOn = [5, 0, 17, -1] }.fields == [
        "branches[0].undo.also_done_on[1]", "branches[0].undo.also_done_on[2]",
        "branches[0].undo.also_done_on[3]",
      ])
  }

  // MARK: Retry

  @Test func aRetryPolicyWithinItsRangesIsRight() {
    let retry = CaravanV1.RetryPolicy {
      $0.attemptsMax = 1_000
      $0.factor = 10
      $0.jitter = 1
      $0.firstDelay = GoogleProtobuf.Duration(.milliseconds(1))
      $0.delayMax = GoogleProtobuf.Duration(.seconds(5))
      $0.attemptTimeout = GoogleProtobuf.Duration(.seconds(3_600))
    }
    #expect(check(retry: retry).isEmpty)
    #expect(check(retry: CaravanV1.RetryPolicy()).isEmpty)
    #expect(check(retry: CaravanV1.RetryPolicy { $0.jitter = -1 }).isEmpty)
    #expect(
      check(retry: CaravanV1.RetryPolicy { $0.firstDelay = GoogleProtobuf.Duration() }).isEmpty)
  }

  @Test func everyRangeOfARetryPolicyIsChecked() {
    let retry = CaravanV1.RetryPolicy {
      $0.attemptsMax = 1_001
      $0.factor = 0.5
      $0.jitter = 1.5
      $0.firstDelay = GoogleProtobuf.Duration(.microseconds(10))
      $0.delayMax = GoogleProtobuf.Duration(.seconds(31 * 86_400))
      $0.attemptTimeout = GoogleProtobuf.Duration(.seconds(3_601))
    }
    #expect(
      check(retry: retry) == [
        "branches[0].retry.attempts_max", "branches[0].retry.factor", "branches[0].retry.jitter",
        "branches[0].retry.first_delay", "branches[0].retry.delay_max",
        "branches[0].retry.attempt_timeout",
      ])
  }

  @Test(arguments: [Double.nan, .infinity, 11, -1])
  func aFactorIsAFiniteNumberFromOneToTen(factor: Double) {
    #expect(
      check(retry: CaravanV1.RetryPolicy { $0.factor = factor }) == ["branches[0].retry.factor"])
  }

  @Test(arguments: [Double.nan, .infinity, 1.01])
  func aJitterIsAShare(jitter: Double) {
    #expect(
      check(retry: CaravanV1.RetryPolicy { $0.jitter = jitter }) == ["branches[0].retry.jitter"])
  }

  @Test func theFirstDelayIsNotAboveTheLongest() {
    let retry = CaravanV1.RetryPolicy {
      $0.firstDelay = GoogleProtobuf.Duration(.seconds(2))
      $0.delayMax = GoogleProtobuf.Duration(.seconds(1))
    }
    #expect(check(retry: retry) == ["branches[0].retry.first_delay"])
  }
}
