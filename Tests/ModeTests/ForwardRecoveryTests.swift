import Mode
import Testing

/// Rule 4: branches that must succeed.
@Suite struct ForwardRecoveryTests {
  @Test func whatMustSucceedRunsByLevelAfterTheDecision() throws {
    var it = Dialogue([
      .saga(level: 1), .saga(level: 3, .mustSucceed), .saga(level: 2, .mustSucceed),
      .saga(level: 2, .mustSucceed),
    ])
    #expect(try it.hears(.commit) == "accepted: action 0")
    #expect(try it.hears(0, .done) == "decision: action 2, action 3")
    #expect(it.state == .committing)
    #expect(try it.hears(3, .done) == "nothing")
    #expect(try it.hears(2, .done) == "action 1")
    #expect(try it.hears(1, .done) == "end")
    #expect(it.progress.allSatisfy { $0.phaseOne == .done })
  }

  @Test func whatMustSucceedDoesNotWaitForConfirms() throws {
    var it = Dialogue([.tcc(level: 1), .saga(level: 2, .mustSucceed)])
    #expect(try it.hears(.commit) == "accepted: try 0")
    #expect(try it.hears(0, .done) == "decision: confirm 0, action 1")
  }

  @Test func whatMustSucceedIsRetriedWithoutEnd() throws {
    var it = Dialogue([.saga(level: 1, .mustSucceed)])
    #expect(try it.hears(.commit) == "decision: action 0")
    for attempt in 2...50 {
      _ = try it.hears(0, .notSent)
      #expect(try it.waits() == "action 0 #\(attempt)")
    }
    #expect(try it.hears(0, .refused) == "nothing", "attention was raised before")
    #expect(it.state == .committing)
    #expect(try it.waits() == "action 0 #51")
    #expect(try it.hears(0, .done) == "end")
    #expect(it.state == .committed)
  }

  @Test func whatMustSucceedIsNotTouchedByARollback() throws {
    var it = Dialogue([.saga(level: 1), .saga(level: 2, .mustSucceed)])
    #expect(try it.hears(.commit) == "accepted: action 0")
    #expect(try it.hears(0, .failed) == "nothing")
    #expect(try it.hears(.rollback) == "decision: compensation 0?")
    #expect(try it.hears(0, .done) == "end")
    #expect(it.progress[1].phaseOne == .untouched)
    #expect(it.progress[1].phaseTwo == .none)
  }

  @Test func whatMustSucceedIsNotTouchedByARollbackAfterACrashEither() throws {
    var it = Dialogue([.saga(level: 1), .saga(level: 2, .mustSucceed)])
    #expect(try it.hears(.commit) == "accepted: action 0")
    #expect(try it.crashes() == "action 0")
    #expect(try it.hears(0, .refused) == "decision")
    #expect(try it.waits() == "compensation 0?")
    #expect(try it.hears(0, .done) == "end")
    #expect(it.progress[1].phaseTwo == .none)
  }

  @Test(arguments: [BranchPlan.saga(level: 2), .tcc(level: 3), .saga(level: 2, .calledByCaller)])
  func commitIsRefusedWhereItDoesNotStandAboveAllOthers(_ other: BranchPlan) {
    var it = Dialogue([.saga(level: 1), other, .saga(level: 2, .mustSucceed)])
    let reason = IllegalEvent(
      .plan(.mustSucceedNotAbove(branch: 2, level: 2, ordinaryLevelMax: other.level)),
      in: .active)
    #expect(throws: reason) { try it.hears(.commit) }
    #expect(throws: reason) { try it.hears(.start) }
    #expect(it.state == .active)
    #expect(throws: Never.self) { try it.hears(.rollback) }
  }

  @Test func startDoesNotRunWhatMustSucceed() throws {
    var it = Dialogue([.saga(level: 1), .saga(level: 2, .mustSucceed)])
    #expect(try it.hears(.start) == "accepted: action 0")
    #expect(try it.hears(0, .done) == "prepared")
    #expect(try it.hears(.commit) == "decision: action 1")
  }

  @Test func aCrashAfterTheDecisionRunsItAgain() throws {
    var it = Dialogue([.saga(level: 1, .mustSucceed), .saga(level: 2, .mustSucceed)])
    #expect(try it.hears(.commit) == "decision: action 0")
    #expect(try it.crashes() == "action 0")
    #expect(try it.hears(0, .done) == "action 1")
    #expect(try it.hears(1, .done) == "end")
  }
}
