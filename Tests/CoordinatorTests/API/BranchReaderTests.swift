import Messages
import Mode
import ProtoWire
import Store
import Testing

@testable import Coordinator

struct BranchReaderTests {
  private let reader = BranchReader(Settings().defaults)

  @Test func aBranchComesBackFromItsRow() throws {
    var branch = Requests.tcc("stock", level: 3)
    branch.phaseOne?.metadata = ["b": "2", "a": "1"]
    branch.undo?.alsoDoneOn = [5]
    branch.retry = CaravanV1.RetryPolicy { $0.attemptsMax = 7 }
    let definition = try #require(reader.definition(of: branch))
    #expect(reader.definition(of: definition.record) == definition)
    #expect(definition.record.id == "stock")
    #expect(definition.record.level == 3)
    #expect(definition.record.mode == .tcc)
    #expect(definition.record.role == .ordinary)
    #expect(definition.record.target == "grpc://127.0.0.1:9000/shop.Stock/Try")
    #expect(definition.plan.retry.attemptsMax == 7)
    let call = try #require(definition.call(for: .try))
    #expect(call.target == .grpc(address: "127.0.0.1:9000", method: "/shop.Stock/Try"))
    #expect(call.metadata.map(\.name) == ["a", "b"])
    #expect(definition.call(for: .cancel)?.alsoDoneOn == [5])
  }

  @Test func theRowKeepsWhatTheCallerSent() throws {
    let branch = Requests.saga("a")
    let record = try #require(reader.definition(of: branch)).record
    #expect(record.definition == branch.wireBytes())
    var patient = Settings().defaults
    patient.phaseOneAttempts = 99
    let later = try #require(BranchReader(patient).definition(of: record))
    #expect(later.plan.retry.attemptsMax == 99)
  }

  @Test(arguments: [
    ([1], [:], false, ["content-type: application/octet-stream"]),
    (Array("{}".utf8), [:], true, ["content-type: application/json"]),
    (Array("{}".utf8), ["content-type": "text/plain"], true, ["content-type: text/plain"]),
    ([], [:], false, []),
    ([1], ["x-a": "b"], false, ["x-a: b", "content-type: application/octet-stream"]),
  ])
  func aPayloadOverHTTPHasAType(
    payload: [UInt8], headers: [String: String], isTemplate: Bool, sent: [String]
  ) throws {
    var branch = Requests.saga("a")
    branch.phaseOne?.payload = payload
    branch.phaseOne?.metadata = headers
    branch.phaseOne?.target = .http(
      CaravanV1.HttpTarget {
        $0.url = "http://127.0.0.1:9000/try"
        $0.template = isTemplate
      })
    let call = try #require(reader.definition(of: branch)?.phaseOne)
    #expect(call.target == .http(method: "POST", url: "http://127.0.0.1:9000/try"))
    #expect(call.metadata.map { "\($0.name): \($0.value)" } == sent)
  }

  @Test func whatTheChecksHaveReadIsNotReadAgain() throws {
    var branch = Requests.saga("a", level: 1)
    branch.phaseOne?.target = .http(
      CaravanV1.HttpTarget {
        $0.url = "http://127.0.0.1:9000/try"
        $0.template = true
      })
    branch.phaseOne?.payload = Array(#"["${branch.b.reply.json:/id}"]"#.utf8)
    var violations = FieldViolations()
    let passings = Requests.rules.checkBranches([branch], &violations)
    #expect(violations.isEmpty)
    #expect(passings.uses.map(\.branch) == ["b"])
    // What is no template any more is not looked at.
    branch.phaseOne?.payload = Array("[".utf8)
    let definition = try #require(reader.definition(of: branch) { passings[0, $0] })
    #expect(definition.phaseOne?.passing == passings[0, .phaseOne])
    #expect(definition.plan.usesReplies)
    // A row is read by whoever loads it.
    #expect(reader.definition(of: definition.record) == nil)
  }

  @Test func rolesAreTold() throws {
    let mail = try #require(reader.definition(of: Requests.mustSucceed("mail", level: 1)))
    #expect(mail.plan.role == .mustSucceed)
    var own = Requests.tcc("own")
    own.phaseOne = nil
    own.calledByCaller = true
    let definition = try #require(reader.definition(of: own))
    #expect(definition.plan.role == .calledByCaller)
    #expect(definition.call(for: .try) == nil)
    #expect(definition.call(for: .confirm) != nil)
  }

  @Test func theRulesKnowWhoseRepliesAreUsed() throws {
    func copies(from branch: String) -> [CaravanV1.Copy] {
      [
        CaravanV1.Copy {
          $0.fromBranch = branch
          $0.toPath = [1]
          $0.orPayload = branch == "a"
        }
      ]
    }
    var branch = Requests.tcc("a", level: 1)
    let plain = try #require(reader.definition(of: branch)).plan
    #expect(!plain.usesReplies && !plain.undoUsesOwnReply)
    branch.confirm?.copy = copies(from: "a")
    #expect(try #require(reader.definition(of: branch)).plan == plain)
    branch.undo?.copy = copies(from: "a")
    let own = try #require(reader.definition(of: branch)).plan
    #expect(!own.usesReplies && own.undoUsesOwnReply)
    branch.undo?.copy = copies(from: "b")
    let other = try #require(reader.definition(of: branch)).plan
    #expect(other.usesReplies && !other.undoUsesOwnReply)
  }

  @Test func aRowThatCannotBeDrivenIsNil() throws {
    var record = try #require(reader.definition(of: Requests.saga("a"))).record
    record.definition = [0xFF]
    #expect(reader.definition(of: record) == nil)
    var headless = Requests.saga("a")
    headless.undo = nil
    record.definition = headless.wireBytes()
    #expect(reader.definition(of: record) == nil)
    record.definition = []
    #expect(reader.definition(of: record) == nil)
  }

  // MARK: Retry

  private func policy(_ fill: (inout CaravanV1.RetryPolicy) -> Void) -> RetryPolicy {
    reader.policy(of: CaravanV1.RetryPolicy(fill))
  }

  @Test func theDefaultsAreThoseOfTheSettings() {
    #expect(reader.policy(of: nil) == RetryPolicy())
    #expect(policy { _ in } == RetryPolicy())
    #expect(policy { $0.firstDelay = GoogleProtobuf.Duration() } == RetryPolicy())
  }

  @Test func whatACallerSaysReplacesTheDefault() {
    let policy = policy {
      $0.attemptsMax = 9
      $0.firstDelay = GoogleProtobuf.Duration(.milliseconds(20))
      $0.factor = 3
      $0.delayMax = GoogleProtobuf.Duration(.milliseconds(500))
      $0.jitter = 0.5
      $0.attemptTimeout = GoogleProtobuf.Duration(.seconds(1))
      $0.attentionAfter = 4
    }
    let backoff = RetryPolicy.Backoff(
      first: .milliseconds(20), factor: 3, max: .milliseconds(500), jitter: 0.5)
    #expect(
      policy
        == RetryPolicy(
          attemptsMax: 9, phaseOne: backoff, phaseTwo: backoff, attemptTimeout: .seconds(1),
          attentionAfter: 4))
  }

  @Test func aNegativeJitterMeansNone() {
    #expect(policy { $0.jitter = -0.1 }.phaseTwo.jitter == 0)
    #expect(policy { $0.jitter = 0 }.phaseTwo.jitter == 0.2)
  }

  @Test func aLongFirstDelayIsNotCutByTheDefaultCap() {
    let policy = policy { $0.firstDelay = GoogleProtobuf.Duration(.seconds(90)) }
    #expect(policy.phaseOne.max == .seconds(90))
    #expect(policy.phaseTwo.max == .seconds(90))
  }

  @Test func partsOfAMillisecondAreRoundedUp() {
    #expect(
      policy { $0.firstDelay = GoogleProtobuf.Duration(.microseconds(1_001)) }.phaseOne.first
        == .milliseconds(2))
  }
}
