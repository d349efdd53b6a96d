import Mode
import Testing

/// Rule 1: one direction, once.
@Suite struct DirectionTests {
  @Test func commitAfterARollbackIsRefusedAndChangesNothing() throws {
    var it = Dialogue([.tcc()])
    #expect(try it.hears(.commit) == "accepted: try 0")
    #expect(try it.hears(.rollback) == "decision")
    let before = it.transaction
    #expect(throws: IllegalEvent(.decidedOtherwise, in: .rollingBack)) {
      try it.hears(.commit)
    }
    #expect(throws: IllegalEvent(.decidedOtherwise, in: .rollingBack)) {
      try it.hears(.start)
    }
    #expect(it.transaction == before)
  }

  @Test func rollbackAfterADecisionToCommitIsRefusedAndChangesNothing() throws {
    var it = Dialogue([.tcc()])
    #expect(try it.hears(.commit) == "accepted: try 0")
    #expect(try it.hears(0, .done) == "decision: confirm 0")
    let before = it.transaction
    #expect(throws: IllegalEvent(.decidedOtherwise, in: .committing)) {
      try it.hears(.rollback)
    }
    #expect(it.transaction == before)
  }

  @Test func aDecisionOutlivesTheCrashAndTheOppositeWord() throws {
    var it = Dialogue([.tcc(), .saga()])
    #expect(try it.hears(.commit) == "accepted: try 0, action 1")
    #expect(try it.hears(0, .done) == "nothing")
    #expect(try it.hears(.rollback) == "decision: cancel 0")
    #expect(try it.crashes() == "cancel 0")
    #expect(throws: IllegalEvent(.decidedOtherwise, in: .rollingBack)) {
      try it.hears(.commit)
    }
  }

  @Test func theEndNeverChanges() throws {
    var committed = Dialogue([.saga()])
    #expect(try committed.hears(.commit) == "accepted: action 0")
    #expect(try committed.hears(0, .done) == "end")
    var rolledBack = Dialogue([.saga()])
    #expect(try rolledBack.hears(.rollback) == "end")

    for var it in [committed, rolledBack] {
      let end = it.transaction
      for event in Self.everyEvent {
        it.now = 1_000_000
        _ = try? it.hears(event)
        #expect(it.transaction == end, "\(event)")
        #expect(it.transaction.nextDue == nil)
      }
      #expect(try it.crashes() == "nothing")
      #expect(it.state == end.state)
      #expect(it.transaction.reason == end.reason)
    }
  }

  @Test func theSameWordAgainJoins() throws {
    var it = Dialogue([.tcc()])
    #expect(try it.hears(.start) == "accepted: try 0")
    #expect(try it.hears(.start) == "nothing")
    #expect(try it.hears(.commit) == "accepted")
    #expect(try it.hears(.commit) == "nothing")
    #expect(try it.hears(.start) == "nothing")
    #expect(try it.hears(0, .done) == "decision: confirm 0")
    #expect(try it.hears(.commit) == "nothing")
    #expect(try it.hears(0, .done) == "end")
    #expect(try it.hears(.commit) == "nothing")
    #expect(it.state == .committed)
  }

  @Test func rollbackAgainJoins() throws {
    var it = Dialogue([.tcc()])
    #expect(try it.hears(.commit) == "accepted: try 0")
    #expect(try it.hears(0, .failed) == "nothing")
    #expect(try it.hears(.rollback) == "decision: cancel 0?")
    #expect(try it.hears(.rollback) == "nothing")
    #expect(try it.hears(0, .done) == "end")
    #expect(try it.hears(.rollback) == "nothing")
    #expect(it.state == .rolledBack)
    #expect(it.transaction.reason?.cause == .requested)
  }

  @Test func aRollbackOfWhatExecutesNeverCommitsWhateverComesLater() throws {
    var it = Dialogue([.tcc()])
    #expect(try it.hears(.commit) == "accepted: try 0")
    #expect(try it.hears(.rollback) == "decision")
    #expect(try it.hears(0, .done) == "cancel 0")
    #expect(it.state == .rollingBack)
    #expect(try it.hears(0, .done) == "end")
    #expect(it.state == .rolledBack)
  }

  static let everyEvent: [Transaction.Event] = [
    .start, .commit, .rollback, .timer, .retryNow, .reachable(branch: 0, by: 0), .pause, .resume,
    .stated(branch: 0),
    .replied(branch: 0, action: .action, attempt: 1, .done),
    .replied(branch: 0, action: .compensation, attempt: 1, .refused),
    .sent(branch: 0, action: .action, attempt: 1),
  ]
}
