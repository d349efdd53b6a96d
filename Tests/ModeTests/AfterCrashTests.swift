import Mode
import Testing

/// docs/design.md, "After a crash": what a load makes of a row.
@Suite struct AfterCrashTests {
  /// Restores what a store holds where no outcomes were written.
  func load(
    _ state: Transaction.State, _ branches: [BranchPlan], sameLife: Bool = false,
    driverGoneAt: Instant = 0
  ) -> Dialogue {
    var it = Dialogue(branches)
    it.transaction = Transaction(
      restoring: state, branches: branches, progress: [], deadline: Dialogue.deadline,
      reason: nil, attention: nil, paused: false, sameLife: sameLife,
      driverGoneAt: driverGoneAt)
    return it
  }

  @Test func executingCountsEveryBranchOfEveryLevelAsAttemptedAndUnknown() throws {
    var it = load(.executing(.commit), [.tcc(level: 1), .saga(level: 2), .saga(level: 3)])
    #expect(it.progress.map(\.phaseOne) == [.unknown, .unknown, .unknown])
    #expect(it.progress.map(\.landsUntil) == [10_000, 10_000, 10_000])
    #expect(try it.hears(.timer) == "try 0")
    #expect(try it.hears(0, .refused) == "decision")
    #expect(try it.waits() == "cancel 0?, compensation 2?")
    #expect(try it.hears(2, .done) == "compensation 1?")
    #expect(try it.hears(0, .done) == "nothing")
    #expect(try it.hears(1, .done) == "end")
  }

  @Test func executingGoesOnForwardAndCommits() throws {
    var it = load(.executing(.commit), [.saga(level: 1), .saga(level: 2)])
    #expect(try it.hears(.timer) == "action 0")
    #expect(try it.hears(0, .done) == "action 1")
    #expect(try it.hears(1, .done) == "end")
    #expect(it.state == .committed)
  }

  @Test func onlyDoneReplacesUnknown() throws {
    var it = load(.executing(.commit), [.tcc()])
    #expect(try it.hears(.timer) == "try 0")
    for attempt in 2...3 {
      #expect(try it.hears(0, .notSent) == "nothing")
      #expect(try it.waits() == "try 0 #\(attempt)")
    }
    #expect(try it.hears(0, .notSent) == "decision")
    #expect(it.progress[0].phaseOne == .unknown)
    #expect(try it.waits() == "cancel 0?")
  }

  @Test func theFirstUndoWaitsTheAttemptTimeoutFromWhenTheOldDriverWasGone() throws {
    var it = load(.executing(.commit), [.tcc(level: 1), .tcc(level: 2)], driverGoneAt: 7_000)
    #expect(try it.hears(.timer) == "try 0")
    #expect(try it.hears(0, .done) == "try 1")
    #expect(try it.hears(1, .refused) == "decision")
    #expect(try it.waits(until: 16_999) == "nothing")
    #expect(try it.waits(until: 17_000) == "cancel 0, cancel 1?")
  }

  @Test func aDeadlineThatPassedMeanwhileRollsBackAllLevels() throws {
    var it = load(.executing(.start), [.saga(level: 1), .saga(level: 2)])
    #expect(try it.waits(until: 90_000) == "decision: compensation 1?")
    #expect(try it.hears(1, .done) == "compensation 0?")
    #expect(try it.hears(0, .done) == "end")
    #expect(it.transaction.reason == .init(cause: .deadline))
  }

  @Test func attemptsAreCountedAnew() throws {
    var it = Dialogue([.saga()])
    #expect(try it.hears(.commit) == "accepted: action 0")
    #expect(try it.hears(0, .failed) == "nothing")
    #expect(try it.waits() == "action 0 #2")
    #expect(try it.hears(0, .failed) == "nothing")
    #expect(try it.waits() == "action 0 #3")
    #expect(try it.crashes() == "action 0")
    #expect(try it.hears(0, .failed) == "nothing")
    #expect(try it.waits() == "action 0 #2")
  }

  @Test func whatDoneSaidBeforeTheCrashStays() throws {
    var it = Dialogue([.saga(level: 1), .saga(level: 2), .saga(level: 3)])
    #expect(try it.hears(.start) == "accepted: action 0")
    #expect(try it.hears(0, .done) == "action 1")
    #expect(try it.hears(.commit) == "accepted", "this point took the outcomes along")
    #expect(try it.crashes(loadedAt: 500) == "action 1")
    #expect(it.progress.map(\.phaseOne) == [.done, .unknown, .unknown])
    #expect(try it.hears(1, .done) == "action 2")
    #expect(try it.hears(2, .done) == "end")
  }

  @Test func whatThisLifeParkedIsExact() throws {
    var it = Dialogue([.tcc(level: 1), .tcc(level: 2)])
    #expect(try it.hears(.commit) == "accepted: try 0")
    #expect(try it.hears(0, .notSent) == "nothing")
    it.transaction = it.transaction.reloaded(sameLife: true, driverGoneAt: it.now)
    #expect(it.progress[0].attempts == 1)
    #expect(try it.waits() == "try 0 #2")
    #expect(try it.hears(0, .refused) == "end")
    #expect(it.progress.map(\.phaseOne) == [.refused, .untouched])
  }

  @Test func whatThisLifeAcceptedFromBegunIsExact() throws {
    var it = load(.executing(.commit), [.tcc(), .tcc(.calledByCaller)], sameLife: true)
    #expect(it.progress.map(\.phaseOne) == [.untouched, .done])
    #expect(try it.hears(.timer) == "try 0")
    #expect(try it.hears(0, .refused) == "decision: cancel 1")
  }

  @Test func preparedWaitsOnForTheWord() throws {
    var it = Dialogue([.tcc(), .saga(.calledByCaller)])
    #expect(try it.hears(.start) == "accepted: try 0")
    #expect(try it.hears(0, .done) == "prepared")
    let before = it.transaction
    #expect(try it.crashes(loadedAt: 30_000) == "nothing")
    #expect(it.state == .prepared)
    #expect(it.progress[0].phaseOne == before.progress[0].phaseOne)
    var committed = it
    #expect(try committed.hears(.commit) == "decision: confirm 0")
    #expect(try it.waits() == "decision: cancel 0, compensation 1?")
  }

  @Test func committingConfirmsAgainWhatWasNotYetRecorded() throws {
    var it = Dialogue([.tcc(), .saga(), .tcc()])
    #expect(try it.hears(.commit) == "accepted: try 0, action 1, try 2")
    #expect(try it.hears(1, .done) == "nothing")
    #expect(try it.hears(2, .done) == "nothing")
    #expect(try it.hears(0, .done) == "decision: confirm 0, confirm 2")
    #expect(try it.crashes() == "confirm 0, confirm 2")
    #expect(try it.hears(0, .done) == "nothing")
    #expect(try it.hears(2, .done) == "end")
  }

  @Test func rollingBackKnowsUntilWhenACallMayStillLand() throws {
    var it = Dialogue([.tcc(), .tcc()])
    #expect(try it.hears(.commit) == "accepted: try 0, try 1")
    #expect(try it.hears(0, .refused) == "decision")
    #expect(try it.crashes(loadedAt: 3_000) == "nothing")
    #expect(it.progress[1].phaseOne == .unknown)
    #expect(try it.waits(until: 9_999) == "nothing")
    #expect(try it.waits() == "cancel 1?")
    #expect(it.now == 10_000)
    #expect(try it.hears(1, .done) == "end")
    #expect(it.progress[0].phaseTwo == .none, "a decision recorded that it was refused")
  }

  @Test func aLateReplyOfTheOldLifeChangesNothing() throws {
    var it = Dialogue([.tcc(), .tcc()])
    #expect(try it.hears(.commit) == "accepted: try 0, try 1")
    #expect(try it.hears(0, .refused) == "decision")
    #expect(try it.crashes() == "nothing")
    let before = it.transaction
    #expect(try it.hears(.replied(branch: 1, action: .try, attempt: 1, .refused)) == "nothing")
    #expect(it.transaction == before)
  }

  @Test func aRollbackOfWhatWasOnlyBegunStillUndoesTheCallersBranches() throws {
    var it = load(
      .rollingBack, [.tcc(), .tcc(.calledByCaller), .saga(level: 9, .mustSucceed)],
      sameLife: true)
    #expect(try it.hears(.timer) == "cancel 1?")
    #expect(try it.hears(1, .done) == "end")
  }

  @Test func aRollbackOfWhatWasOnlyBegunEndsAtOnce() throws {
    var it = load(.rollingBack, [.tcc(), .saga()])
    #expect(try it.hears(.timer) == "end")
    #expect(it.state == .rolledBack)
  }

  @Test func theFlagsOutliveTheCrash() throws {
    var it = Dialogue([.tcc()])
    #expect(try it.hears(.commit) == "accepted: try 0")
    #expect(try it.hears(0, .done) == "decision: confirm 0")
    #expect(try it.hears(0, .refused) == "flag")
    #expect(try it.hears(.pause) == "flag")
    #expect(try it.crashes() == "nothing")
    #expect(it.transaction.paused)
    #expect(it.transaction.attention == .init(cause: .refused, branch: 0))
    #expect(try it.hears(.retryNow) == "flag")
    #expect(try it.hears(.resume) == "flag: confirm 0")
  }

  @Test func anUndoUnderWayIsCalledAgain() throws {
    var it = Dialogue([.saga(level: 1), .saga(level: 2)])
    #expect(try it.hears(.start) == "accepted: action 0")
    #expect(try it.hears(0, .done) == "action 1")
    #expect(try it.hears(1, .done) == "prepared")
    #expect(try it.hears(.rollback) == "decision: compensation 1")
    #expect(try it.crashes() == "compensation 1")
    #expect(try it.hears(1, .done) == "compensation 0")
    #expect(try it.crashes() == "compensation 0")
    #expect(try it.hears(0, .done) == "end")
  }
}
