import Mode
import Testing

/// Rule 7: phase two never gives up, and what an operator may do.
@Suite struct PhaseTwoTests {
  /// A decision to commit with two confirms under way.
  func confirming(attentionAfter: UInt32 = 10) throws -> Dialogue {
    let retry = RetryPolicy.with { $0.attentionAfter = attentionAfter }
    var it = Dialogue([.tcc(retry: retry), .tcc(retry: retry)])
    #expect(try it.hears(.commit) == "accepted: try 0, try 1")
    #expect(try it.hears(0, .done) == "nothing")
    #expect(try it.hears(1, .done) == "decision: confirm 0, confirm 1")
    return it
  }

  @Test func aRefusalRaisesAttentionAndIsRetriedAtTheCap() throws {
    var it = try confirming()
    #expect(try it.hears(0, .refused) == "flag")
    #expect(it.transaction.attention == .init(cause: .refused, branch: 0))
    #expect(it.state == .committing)
    #expect(it.transaction.nextDue == 60_000)
    #expect(try it.waits() == "confirm 0 #2")
    #expect(try it.hears(0, .refused) == "nothing", "it is raised once")
  }

  @Test func moreAttemptsThanThePolicyTakesAsNormalRaiseAttention() throws {
    var it = try confirming(attentionAfter: 3)
    #expect(try it.hears(1, .done) == "nothing")
    for _ in 1...3 {
      #expect(try it.hears(0, .failed) == "nothing")
      #expect(it.transaction.attention == nil)
      _ = try it.waits()
    }
    #expect(try it.hears(0, .failed) == "flag")
    #expect(it.transaction.attention == .init(cause: .attempts, branch: 0))
    #expect(try it.waits() == "confirm 0 #5")
  }

  @Test func attentionEndsWithTheBranchThatRaisedIt() throws {
    var it = try confirming()
    #expect(try it.hears(0, .refused) == "flag")
    #expect(try it.waits() == "confirm 0 #2")
    #expect(try it.hears(0, .done) == "flag")
    #expect(it.transaction.attention == nil)
    #expect(try it.hears(1, .refused) == "flag")
    #expect(it.transaction.attention == .init(cause: .refused, branch: 1))
    #expect(try it.hears(.stated(branch: 1)) == "end")
    #expect(it.transaction.attention == nil)
  }

  @Test func whatEndedNeedsNoAttention() throws {
    var it = try confirming()
    #expect(try it.hears(0, .refused) == "flag")
    #expect(try it.hears(1, .done) == "nothing")
    #expect(try it.waits() == "confirm 0 #2")
    #expect(try it.hears(0, .done) == "end")
    #expect(it.transaction.attention == nil)
    #expect(!it.transaction.paused)
  }

  @Test func aParticipantThatCanBeReachedAgainIsCalledSooner() throws {
    var it = try confirming()
    #expect(try it.hears(0, .refused) == "nothing" || it.transaction.nextDue == 60_000)
    #expect(try it.hears(.reachable(branch: 0, by: 90_000)) == "nothing")
    #expect(it.transaction.nextDue == 60_000, "never later")
    #expect(try it.hears(.reachable(branch: 0, by: 20)) == "nothing")
    #expect(it.transaction.nextDue == 20)
    #expect(try it.waits() == "confirm 0 #2")
    #expect(try it.hears(.reachable(branch: 1, by: 20)) == "nothing", "it is called already")
  }

  @Test func anUndoStillWaitsForWhatMayLandThoughItsParticipantCanBeReached() throws {
    var it = Dialogue([.saga(), .saga()])
    _ = try it.hears(.commit)
    _ = try it.hears(0, .unknown(answered: false, pushback: nil))
    _ = try it.hears(1, .refused)
    #expect(it.transaction.nextDue == 10_000)
    #expect(try it.hears(.reachable(branch: 0, by: 5)) == "nothing")
    #expect(try it.waits() == "nothing")
    #expect(it.transaction.nextDue == 10_000)
    #expect(try it.waits() == "compensation 0?")
  }

  @Test func retryNowEndsTheWaiting() throws {
    var it = try confirming()
    #expect(try it.hears(0, .refused) == "flag")
    #expect(try it.hears(.retryNow) == "flag: confirm 0 #2")
    #expect(try it.hears(.retryNow) == "flag", "nothing waits")
  }

  @Test func retryNowEndsTheWaitingInPhaseOne() throws {
    var it = Dialogue([.saga()])
    #expect(try it.hears(.commit) == "accepted: action 0")
    #expect(try it.hears(0, .failed) == "nothing")
    #expect(try it.hears(.retryNow) == "flag: action 0 #2")
  }

  @Test func retryNowDoesNotUndoWhatMayStillLand() throws {
    var it = Dialogue([.tcc()])
    #expect(try it.hears(.commit) == "accepted: try 0")
    #expect(try it.hears(0, .lost) == "nothing")
    #expect(try it.hears(.rollback) == "decision")
    #expect(try it.hears(.retryNow) == "flag")
    #expect(it.transaction.nextDue == 10_000)
    #expect(try it.waits() == "cancel 0?")
  }

  @Test func pauseStopsCallsAndResumeLetsThemGoOn() throws {
    var it = try confirming()
    #expect(try it.hears(.pause) == "flag")
    #expect(try it.hears(.pause) == "nothing")
    #expect(try it.hears(0, .failed) == "nothing")
    #expect(it.transaction.nextDue == nil)
    #expect(try it.waits(until: 500_000) == "nothing")
    #expect(try it.hears(.retryNow) == "flag")
    #expect(try it.hears(.resume) == "flag: confirm 0 #2")
    #expect(try it.hears(.resume) == "nothing")
    #expect(!it.transaction.paused)
  }

  @Test func resumeDoesNotShortenTheWaiting() throws {
    var it = try confirming()
    #expect(try it.hears(0, .refused) == "flag")
    #expect(try it.hears(.pause) == "flag")
    #expect(try it.hears(.resume) == "flag")
    #expect(it.transaction.nextDue == 60_000)
  }

  @Test func pauseStopsTheNextLevel() throws {
    var it = Dialogue([.saga(level: 1), .saga(level: 2)])
    #expect(try it.hears(.commit) == "accepted: action 0")
    #expect(try it.hears(.pause) == "flag")
    #expect(try it.hears(0, .done) == "nothing")
    #expect(it.transaction.nextDue == Dialogue.deadline)
    #expect(try it.hears(.resume) == "flag: action 1")
  }

  @Test func whatWasPausedBeforeItsCommitWaits() throws {
    var it = Dialogue([.saga()])
    #expect(try it.hears(.pause) == "flag")
    #expect(try it.hears(.commit) == "accepted")
    #expect(try it.hears(.resume) == "flag: action 0")
  }

  @Test func whatEndsWhilePausedIsNotPausedAnyMore() throws {
    var it = try confirming()
    #expect(try it.hears(.pause) == "flag")
    #expect(try it.hears(0, .done) == "nothing")
    #expect(try it.hears(1, .done) == "end")
    #expect(!it.transaction.paused)
  }

  @Test func anOperatorsWordEndsABranch() throws {
    var it = try confirming()
    #expect(try it.hears(0, .refused) == "flag")
    #expect(try it.hears(.stated(branch: 0)) == "flag")
    #expect(it.progress[0].phaseTwo == .stated)
    #expect(it.state == .committing, "the other branch is still owed")
    #expect(try it.hears(1, .done) == "end")
    #expect(it.state == .committed)
  }

  @Test func anOperatorsWordLetsTheNextLevelGoOn() throws {
    var it = Dialogue([.saga(level: 1), .saga(level: 2)])
    #expect(try it.hears(.start) == "accepted: action 0")
    #expect(try it.hears(0, .done) == "action 1")
    #expect(try it.hears(1, .done) == "prepared")
    #expect(try it.hears(.rollback) == "decision: compensation 1")
    #expect(try it.hears(1, .refused) == "flag")
    #expect(try it.hears(.stated(branch: 1)) == "flag: compensation 0")
    #expect(it.state == .rollingBack, "only what was stated is skipped")
    #expect(try it.hears(0, .done) == "end")
  }

  @Test func aReplyAfterTheOperatorsWordChangesNothing() throws {
    var it = try confirming()
    #expect(try it.hears(.stated(branch: 0)) == "flag")
    #expect(
      try it.hears(.replied(branch: 0, action: .confirm, attempt: 1, .refused)) == "nothing")
    #expect(it.transaction.attention == nil)
  }

  @Test func aWordAboutABranchThatOwesNothingIsRefused() throws {
    var it = try confirming()
    #expect(try it.hears(0, .done) == "nothing")
    for branch in [0, 2, -1] {
      #expect(throws: IllegalEvent(.nothingOwed, in: .committing)) {
        try it.hears(.stated(branch: branch))
      }
    }
    var executing = Dialogue([.saga()])
    #expect(try executing.hears(.commit) == "accepted: action 0")
    #expect(throws: IllegalEvent(.nothingOwed, in: .executing(.commit))) {
      try executing.hears(.stated(branch: 0))
    }
  }

  @Test func phaseTwoKnowsNoDeadline() throws {
    var it = try confirming()
    #expect(try it.hears(1, .done) == "nothing")
    #expect(try it.waits(until: 1_000_000) == "nothing")
    #expect(it.state == .committing)
    #expect(try it.hears(0, .done) == "end")
    #expect(it.state == .committed)
  }
}
