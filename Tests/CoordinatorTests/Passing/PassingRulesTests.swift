import Messages
import Testing

@testable import Coordinator

/// Where a reply may come from: what Register and Execute check.
struct PassingRulesTests {
  private let rules = Requests.rules

  private func http(_ payload: String = "") -> CaravanV1.Call {
    CaravanV1.Call {
      $0.target = .http(
        CaravanV1.HttpTarget {
          $0.url = "http://127.0.0.1:9000/a"
          $0.template = true
        })
      $0.payload = Array(payload.utf8)
    }
  }

  private func copying(_ branch: String, orPayload: Bool = false) -> CaravanV1.Call {
    var call = Requests.call()
    call.copy = [
      CaravanV1.Copy {
        $0.fromBranch = branch
        $0.fromPath = [1]
        $0.toPath = [2]
        $0.orPayload = orPayload
      }
    ]
    return call
  }

  private func problems(
    _ branches: CaravanV1.Branch..., known: [CaravanV1.Branch] = [], isWhole: Bool = true
  ) -> [String] {
    var violations = FieldViolations()
    let passings = rules.checkBranches(branches, &violations)
    rules.checkSources(branches, passings, known: known, isWhole: isWhole, &violations)
    return violations.described.map { "\($0.field): \($0.description)" }
  }

  private func user(_ call: CaravanV1.Call, level: UInt32 = 1) -> CaravanV1.Branch {
    var branch = Requests.saga("user", level: level)
    branch.phaseOne = call
    return branch
  }

  @Test func aSourceOnALowerLevelIsRight() {
    #expect(problems(Requests.saga("stock"), user(copying("stock"))).isEmpty)
    #expect(problems(user(copying("stock")), known: [Requests.saga("stock")]).isEmpty)
  }

  @Test func aSourceHasToComeFirst() {
    let told = problems(Requests.saga("stock", level: 1), user(copying("stock")))
    #expect(told.count == 1)
    #expect(told.first?.hasPrefix("branches[1].phase_one.copy: uses the reply of 'stock'") == true)
    #expect(told.first?.contains("stands on level 1") == true)
  }

  @Test func aSourceHasToExist() {
    #expect(problems(user(copying("stock"))).count == 1)
    // It may have been registered before.
    #expect(problems(user(copying("stock")), isWhole: false).isEmpty)
  }

  @Test func anUndoMayUseItsOwnReplyWithAFallback() {
    var branch = Requests.tcc("user")
    branch.confirm = copying("user")
    branch.undo = copying("user", orPayload: true)
    #expect(problems(branch).isEmpty)
    branch.undo = copying("user")
    #expect(problems(branch).count == 1)
    branch.undo = copying("user", orPayload: true)
    branch.phaseOne = copying("user")
    #expect(problems(branch).count == 1)
  }

  @Test func aFallbackIsForNothingElse() {
    #expect(problems(Requests.saga("stock"), user(copying("stock", orPayload: true))).count == 1)
  }

  @Test func theCallersOwnCallGivesNoReply() {
    var stock = Requests.saga("stock")
    stock.phaseOne = nil
    stock.calledByCaller = true
    #expect(problems(stock, user(copying("stock"))).count == 1)
  }

  @Test func repliesStayWithinTheirProtocol() {
    let template = #"{"id": "${branch.stock.reply.json:/id}"}"#
    #expect(problems(Requests.saga("stock"), user(http(template))).count == 1)
    var stock = Requests.saga("stock")
    stock.phaseOne = http("{}")
    #expect(problems(stock, user(copying("stock"))).count == 1)
    #expect(problems(stock, user(http(template))).isEmpty)
  }

  @Test func aCallHasAHundredReferencesAtMost() {
    var stock = Requests.saga("stock")
    stock.phaseOne = http("{}")
    let reference = "${branch.stock.reply.json:/id}"
    let strings = Array(repeating: #""\#(reference) \#(reference)""#, count: 49)
    var call = http("[\(strings.joined(separator: ","))]")
    call.metadata = ["x": reference, "y": reference]
    #expect(problems(stock, user(call)).isEmpty)
    call.metadata["z"] = reference
    #expect(
      problems(stock, user(call)) == [
        "branches[1].phase_one: has 101 references to replies; at most 100"
      ])
  }

  @Test func malformedTemplatesAndPathsAreNamed() {
    #expect(problems(user(http("{"))).first?.hasPrefix("branches[0].phase_one.payload: ") == true)
    var call = copying("stock")
    call.copy[0].toPath = []
    call.copy[0].fromPath = [0]
    let told = problems(Requests.saga("stock"), user(call))
    #expect(
      told.map { $0.prefix { $0 != ":" } } == [
        "branches[1].phase_one.copy[0].from_path", "branches[1].phase_one.copy[0].to_path",
      ])
  }
}
