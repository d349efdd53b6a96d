import Messages
import Testing

@testable import Coordinator

struct RequestRulesTests {
  private let rules = Requests.rules

  private func violations(_ request: CaravanV1.ExecuteRequest) -> FieldViolations {
    var violations = FieldViolations()
    rules.check(request, &violations)
    return violations
  }

  private func fields(_ change: (inout CaravanV1.Branch) -> Void) -> [String] {
    var branch = Requests.tcc("a")
    change(&branch)
    return violations(Requests.execute(branch)).fields
  }

  @Test func aMixedRequestIsRight() {
    let request = Requests.execute(
      Requests.tcc("stock"), Requests.saga("account", level: 1),
      Requests.mustSucceed("mail", level: 2))
    #expect(violations(request).isEmpty)
  }

  @Test func anExecuteWithoutIDAndBranchesIsRight() {
    #expect(violations(CaravanV1.ExecuteRequest()).isEmpty)
  }

  @Test(arguments: [
    "order-8812", "A", "a.b_c:d/e-9", String(repeating: "x", count: 128),
  ])
  func theseAreIDs(id: String) {
    var request = Requests.execute()
    request.id = id
    #expect(violations(request).isEmpty)
  }

  @Test(arguments: [
    " ", "a b", "é", "a\n", "a\0", "a;b", "a+b", "a,b", "a@b", "`", "{", "^", "[", "\\",
    String(repeating: "x", count: 129),
  ])
  func theseAreNone(id: String) {
    var request = Requests.execute(Requests.saga(id))
    request.id = id
    #expect(violations(request).fields == ["id", "branches[0].id"])
  }

  @Test func anIDIsMissingWhereOneIsNeeded() {
    var violations = FieldViolations()
    rules.check(CaravanV1.CommitRequest(), &violations)
    rules.check(CaravanV1.GetRequest(), &violations)
    rules.check(CaravanV1.WatchRequest(), &violations)
    rules.check(CaravanV1.StartRequest(), &violations)
    rules.check(CaravanV1.RollbackRequest(), &violations)
    #expect(violations.fields == Array(repeating: "id", count: 5))
    var register = FieldViolations()
    rules.check(CaravanV1.RegisterRequest(), &register)
    #expect(register.fields == ["id", "branches"])
  }

  @Test func allViolationsComeAtOnce() {
    var request = Requests.execute(Requests.tcc("a b"), Requests.saga("b"))
    request.id = "no id"
    request.timeout = GoogleProtobuf.Duration()
    request.wait = .unrecognized(9)
    request.branches[0].confirm = nil
    request.branches[0].retry = CaravanV1.RetryPolicy { $0.attemptsMax = 1_001 }
    request.branches[1].undo?.target = nil
    request.branches[1].level = 100_000
    #expect(
      Set(violations(request).fields) == [
        "id", "timeout", "wait", "branches[0].id", "branches[0].confirm",
        "branches[0].retry.attempts_max", "branches[1].undo", "branches[1].level",
      ])
  }

  @Test func aModeIsNeeded() {
    #expect(fields { $0.mode = .unspecified } == ["branches[0].mode"])
    #expect(fields { $0.mode = .unrecognized(7) } == ["branches[0].mode"])
  }

  @Test func aTCCBranchHasConfirmAndCancel() {
    #expect(fields { $0.confirm = nil } == ["branches[0].confirm"])
    #expect(fields { $0.undo = nil } == ["branches[0].undo"])
    #expect(fields { $0.mustSucceed = true } == ["branches[0].must_succeed"])
  }

  @Test func aSagaBranchHasACompensationOrMustSucceed() {
    #expect(
      fields {
        $0 = Requests.saga("a"); $0.undo = nil
      } == ["branches[0].undo"])
    #expect(
      fields {
        $0 = Requests.saga("a"); $0.mustSucceed = true
      } == ["branches[0].undo"])
    #expect(
      fields {
        $0 = Requests.saga("a"); $0.confirm = Requests.call()
      } == ["branches[0].confirm"])
  }

  @Test func phaseOneIsThereUnlessTheCallerCallsIt() {
    #expect(fields { $0.phaseOne = nil } == ["branches[0].phase_one"])
    var violations = FieldViolations()
    var branch = Requests.tcc("a")
    branch.calledByCaller = true
    rules.checkBranches([branch], &violations)
    #expect(violations.fields == ["branches[0].phase_one"])
    branch.phaseOne = nil
    violations = FieldViolations()
    rules.checkBranches([branch], &violations)
    #expect(violations.isEmpty)
    branch.mustSucceed = true
    rules.checkBranches([branch], &violations)
    #expect(violations.fields.contains("branches[0].must_succeed"))
  }

  @Test func executeLeavesACallerNoTimeToCall() {
    let fields = fields {
      $0.phaseOne = nil
      $0.calledByCaller = true
    }
    #expect(fields == ["branches[0].called_by_caller"])
  }

  @Test func branchesThatMustSucceedStandAboveAllOthers() {
    let request = Requests.execute(
      Requests.mustSucceed("a", level: 0), Requests.saga("b", level: 1),
      Requests.mustSucceed("c", level: 1), Requests.mustSucceed("d", level: 2))
    #expect(violations(request).fields == ["branches[0].level", "branches[2].level"])
    let alone = Requests.execute(Requests.mustSucceed("a", level: 0))
    #expect(violations(alone).isEmpty)
  }

  @Test func branchIDsAreUniqueInARequest() {
    let request = Requests.execute(
      Requests.saga("a"), Requests.saga("b"), Requests.saga("a"), Requests.tcc("a"))
    #expect(violations(request).fields == ["branches[2].id", "branches[3].id"])
    let pair = Requests.execute(Requests.saga("a"), Requests.saga("a"))
    #expect(violations(pair).fields == ["branches[1].id"])
  }

  @Test func aTransactionHasAtMostSoManyBranches() {
    var request = Requests.execute()
    request.branches = (0..<1_000).map { Requests.saga("b\($0)") }
    #expect(violations(request).isEmpty)
    request.branches.append(Requests.saga("last"))
    #expect(violations(request).fields == ["branches"])
  }

  @Test(arguments: [
    (0, 999_999, false), (0, 1_000_000, true), (1, 0, true), (2_592_000, 0, true),
    (2_592_000, 1, false), (-1, 0, false), (1, -1, false), (0, 0, false),
    (Int64.max, 999_999_999, false), (1, 1_000_000_000, false),
  ])
  func aTimeoutIsOneMillisecondToThirtyDays(seconds: Int64, nanos: Int32, isRight: Bool) {
    var violations = FieldViolations()
    let timeout = GoogleProtobuf.Duration {
      $0.seconds = seconds
      $0.nanos = nanos
    }
    rules.check(CaravanV1.BeginRequest { $0.timeout = timeout }, &violations)
    #expect(violations.fields == (isRight ? [] : ["timeout"]))
  }

  @Test func theReasonOfARollbackIsShort() {
    var violations = FieldViolations()
    let request = CaravanV1.RollbackRequest {
      $0.id = "a"
      $0.reason = String(repeating: "é", count: 512)
    }
    rules.check(request, &violations)
    #expect(violations.isEmpty)
    var longer = request
    longer.reason += "!"
    rules.check(longer, &violations)
    #expect(violations.fields == ["reason"])
  }

  @Test func aFloodOfViolationsIsCountedAndNotDescribed() {
    var request = Requests.execute()
    request.branches = (0..<1_000).map { _ in CaravanV1.Branch() }
    let violations = violations(request)
    #expect(violations.count > 3_000)
    #expect(violations.described.count == FieldViolations.describedMax)
  }
}
