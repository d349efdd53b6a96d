import Mode
import Testing

/// Rule 5: rollback touches exactly those that may have happened.
@Suite struct RollbackTests {
  @Test func compensationsRunInDescendingLevelsOneLevelAtATime() throws {
    var it = Dialogue([.saga(level: 1), .saga(level: 2), .saga(level: 2), .saga(level: 3)])
    #expect(try it.hears(.commit) == "accepted: action 0")
    #expect(try it.hears(0, .done) == "action 1, action 2")
    #expect(try it.hears(1, .done) == "nothing")
    #expect(try it.hears(2, .done) == "action 3")
    #expect(try it.hears(3, .refused) == "decision: compensation 1, compensation 2")
    #expect(try it.hears(1, .done) == "nothing")
    #expect(try it.hears(2, .failed) == "nothing")
    #expect(try it.waits() == "compensation 2 #2")
    #expect(try it.hears(2, .done) == "compensation 0")
    #expect(try it.hears(0, .done) == "end")
  }

  @Test func cancelsDoNotWaitForLevels() throws {
    var it = Dialogue([.tcc(level: 1), .saga(level: 2), .tcc(level: 3)])
    #expect(try it.hears(.start) == "accepted: try 0")
    #expect(try it.hears(0, .done) == "action 1")
    #expect(try it.hears(1, .done) == "try 2")
    #expect(try it.hears(2, .failed) == "nothing")
    #expect(try it.hears(.rollback) == "decision: cancel 0, compensation 1, cancel 2?")
  }

  @Test func whatWasNeverCalledIsNotUndone() throws {
    var it = Dialogue([.tcc(level: 1), .tcc(level: 2), .saga(level: 3)])
    #expect(try it.hears(.commit) == "accepted: try 0")
    #expect(try it.hears(0, .done) == "try 1")
    #expect(try it.hears(1, .refused) == "decision: cancel 0")
    #expect(try it.hears(0, .done) == "end")
    #expect(it.progress[2].phaseTwo == .none)
  }

  @Test func rollbackOfWhatWasOnlyBegunEndsAtOnce() throws {
    var it = Dialogue([.tcc(), .saga()])
    #expect(try it.hears(.rollback) == "end")
    #expect(it.state == .rolledBack)
  }

  @Test func aCallUnderWayIsUndoneWhenItHasSucceeded() throws {
    var it = Dialogue([.saga(), .saga()])
    #expect(try it.hears(.commit) == "accepted: action 0, action 1")
    #expect(try it.hears(0, .refused) == "decision")
    #expect(it.state == .rollingBack)
    #expect(try it.hears(1, .done) == "compensation 1")
    #expect(try it.hears(1, .done) == "end")
  }

  @Test(arguments: [CallResult.refused, .notSent])
  func aCallUnderWayThatCameToNothingIsNotUndone(_ result: CallResult) throws {
    var it = Dialogue([.tcc(), .tcc()])
    #expect(try it.hears(.commit) == "accepted: try 0, try 1")
    #expect(try it.hears(0, .refused) == "decision")
    #expect(try it.hears(1, result) == "end")
    #expect(it.state == .rolledBack)
  }

  @Test func aCallUnderWayThatIsRefusedAfterAnUnknownAttemptIsUndone() throws {
    var it = Dialogue([.tcc(), .tcc()])
    #expect(try it.hears(.commit) == "accepted: try 0, try 1")
    #expect(try it.hears(1, .failed) == "nothing")
    #expect(try it.waits() == "try 1 #2")
    #expect(try it.hears(0, .refused) == "decision")
    #expect(try it.hears(1, .refused) == "cancel 1?")
  }

  @Test func theUndoOfABrokenCallWaitsForItsFullTimeout() throws {
    var it = Dialogue([.tcc(), .tcc()])
    #expect(try it.hears(.commit) == "accepted: try 0, try 1")
    #expect(try it.waits(until: 2_000) == "nothing")
    #expect(try it.hears(0, .refused) == "decision")
    #expect(try it.hears(1, .lost) == "nothing")
    #expect(it.transaction.nextDue == 10_000)
    #expect(try it.waits(until: 9_999) == "nothing")
    #expect(try it.waits(until: 10_000) == "cancel 1?")
  }

  @Test func theUndoOfACallThatTimedOutIsCalledAtOnce() throws {
    var it = Dialogue([.tcc(), .tcc()])
    #expect(try it.hears(.commit) == "accepted: try 0, try 1")
    #expect(try it.hears(0, .refused) == "decision")
    #expect(try it.timesOut(1) == "cancel 1?")
    #expect(it.now == 10_000)
  }

  @Test func anAnsweredFailureCannotLandLater() throws {
    var it = Dialogue([.tcc()])
    #expect(try it.hears(.commit) == "accepted: try 0")
    #expect(try it.hears(0, .failed) == "nothing")
    #expect(try it.hears(.rollback) == "decision: cancel 0?")
  }

  @Test func anEarlierAttemptThatMayStillLandHoldsBackTheUndoOfADoneOne() throws {
    var it = Dialogue([.tcc()])
    #expect(try it.hears(.start) == "accepted: try 0")
    #expect(try it.waits(until: 1_000) == "nothing")
    #expect(try it.hears(0, .lost) == "nothing")
    #expect(try it.waits() == "try 0 #2")
    #expect(try it.hears(0, .done) == "prepared")
    #expect(try it.hears(.rollback) == "decision")
    #expect(it.transaction.nextDue == 10_000)
    #expect(try it.waits() == "cancel 0")
  }

  @Test func theLatestOfSeveralAttemptsHoldsBackTheUndo() throws {
    var it = Dialogue([.tcc()])
    #expect(try it.hears(.commit) == "accepted: try 0")
    #expect(try it.hears(0, .lost) == "nothing")
    #expect(try it.waits() == "try 0 #2")
    #expect(try it.hears(0, .lost) == "nothing")
    #expect(try it.hears(.rollback) == "decision")
    #expect(it.transaction.nextDue == 10_100)
  }

  @Test func aCallThatWentOutLateMayLandLate() throws {
    var it = Dialogue([.tcc(), .tcc()])
    #expect(try it.hears(.commit) == "accepted: try 0, try 1")
    it.now = 3_000
    #expect(try it.hears(.sent(branch: 0, action: .try, attempt: 1)) == "nothing")
    #expect(try it.hears(.sent(branch: 1, action: .try, attempt: 1)) == "nothing")
    #expect(try it.hears(0, .refused) == "decision")
    #expect(try it.hears(1, .lost) == "nothing")
    #expect(it.transaction.nextDue == 13_000)
  }

  @Test func lowerLevelsWaitForAnUndoThatWaits() throws {
    var it = Dialogue([.saga(level: 1), .saga(level: 2)])
    #expect(try it.hears(.commit) == "accepted: action 0")
    #expect(try it.hears(0, .done) == "action 1")
    #expect(try it.hears(1, .lost) == "nothing")
    #expect(try it.hears(.rollback) == "decision")
    #expect(try it.waits() == "compensation 1?")
    #expect(try it.hears(1, .done) == "compensation 0")
  }

  @Test func lowerLevelsWaitForACallUnderWayAbove() throws {
    var it = Dialogue([.saga(level: 1), .saga(level: 2)])
    #expect(try it.hears(.commit) == "accepted: action 0")
    #expect(try it.hears(0, .done) == "action 1")
    #expect(try it.hears(.rollback) == "decision")
    #expect(try it.hears(1, .refused) == "compensation 0")
  }

  @Test func whatWaitsForItsNextAttemptIsNotTriedAgain() throws {
    var it = Dialogue([.saga(), .saga()])
    #expect(try it.hears(.commit) == "accepted: action 0, action 1")
    #expect(try it.hears(0, .notSent) == "nothing")
    #expect(try it.hears(1, .failed) == "nothing")
    #expect(try it.hears(.rollback) == "decision: compensation 1?")
    #expect(try it.waits(until: 30_000) == "nothing")
    #expect(try it.hears(1, .done) == "end")
  }
}
