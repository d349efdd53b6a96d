import Mode
import Testing

/// Rules 2 and 6: levels, and the commit.
@Suite struct LevelTests {
  @Test func theBranchesOfALevelRunAtTheSameTime() throws {
    var it = Dialogue([.saga(level: 5), .tcc(level: 5), .saga(level: 5)])
    #expect(try it.hears(.commit) == "accepted: action 0, try 1, action 2")
  }

  @Test func aLevelStartsWhenEveryBranchBelowItIsDone() throws {
    var it = Dialogue([.saga(level: 20), .saga(level: 3), .saga(level: 3)])
    #expect(try it.hears(.commit) == "accepted: action 1, action 2")
    #expect(try it.hears(2, .done) == "nothing")
    #expect(try it.hears(1, .failed) == "nothing")
    #expect(try it.waits() == "action 1 #2")
    #expect(try it.hears(1, .done) == "action 0")
    #expect(try it.hears(0, .done) == "end")
    #expect(it.state == .committed)
  }

  @Test func afterAFailureNoLaterLevelStarts() throws {
    var it = Dialogue([.saga(level: 1), .saga(level: 1), .saga(level: 2)])
    #expect(try it.hears(.commit) == "accepted: action 0, action 1")
    #expect(try it.hears(0, .refused) == "decision")
    #expect(try it.hears(1, .done) == "compensation 1")
    #expect(try it.hears(1, .done) == "end")
    #expect(it.progress[2].phaseOne == .untouched)
  }

  @Test func lastActionSucceedingCommits() throws {
    var it = Dialogue([.saga(), .saga()])
    #expect(try it.hears(.commit) == "accepted: action 0, action 1")
    #expect(try it.hears(1, .done) == "nothing")
    #expect(try it.hears(0, .done) == "end")
    #expect(it.state == .committed)
  }

  @Test func aTransactionWithoutBranchesCommitsAtOnce() throws {
    var it = Dialogue([])
    #expect(try it.hears(.commit) == "end")
    #expect(it.state == .committed)
  }

  @Test func aTransactionWithoutBranchesRollsBackAtOnce() throws {
    var it = Dialogue([])
    #expect(try it.hears(.rollback) == "end")
    #expect(it.state == .rolledBack)
  }

  @Test func commitConfirmsAllTriesAtOnceWhateverTheirLevels() throws {
    var it = Dialogue([.tcc(level: 1), .saga(level: 2), .tcc(level: 3)])
    #expect(try it.hears(.commit) == "accepted: try 0")
    #expect(try it.hears(0, .done) == "action 1")
    #expect(try it.hears(1, .done) == "try 2")
    #expect(try it.hears(2, .done) == "decision: confirm 0, confirm 2")
    #expect(it.state == .committing)
    #expect(try it.hears(2, .done) == "nothing")
    #expect(try it.hears(0, .done) == "end")
    #expect(it.state == .committed)
  }

  @Test func startStopsAtPreparedAndWaitsForTheWord() throws {
    var it = Dialogue([.tcc(), .saga(level: 1)])
    #expect(try it.hears(.start) == "accepted: try 0")
    #expect(try it.hears(0, .done) == "action 1")
    #expect(try it.hears(1, .done) == "prepared")
    #expect(it.state == .prepared)
    #expect(it.transaction.nextDue == Dialogue.deadline)
    #expect(try it.hears(.start) == "nothing")
    #expect(try it.hears(.commit) == "decision: confirm 0")
    #expect(try it.hears(0, .done) == "end")
  }

  @Test func commitOfAPreparedSagaIsItsEnd() throws {
    var it = Dialogue([.saga()])
    #expect(try it.hears(.start) == "accepted: action 0")
    #expect(try it.hears(0, .done) == "prepared")
    #expect(try it.hears(.commit) == "end")
    #expect(it.state == .committed)
  }

  @Test func rollbackOfWhatIsPreparedUndoesAllOfIt() throws {
    var it = Dialogue([.tcc(), .saga()])
    #expect(try it.hears(.start) == "accepted: try 0, action 1")
    #expect(try it.hears(0, .done) == "nothing")
    #expect(try it.hears(1, .done) == "prepared")
    #expect(try it.hears(.rollback) == "decision: cancel 0, compensation 1")
  }

  @Test func commitWhileAStartExecutesTurnsItIntoACommit() throws {
    var it = Dialogue([.saga(level: 1), .saga(level: 2)])
    #expect(try it.hears(.start) == "accepted: action 0")
    #expect(try it.hears(.commit) == "accepted")
    #expect(it.state == .executing(.commit))
    #expect(try it.hears(0, .done) == "action 1")
    #expect(try it.hears(1, .done) == "end")
    #expect(it.state == .committed)
  }

  @Test func aStartWithNothingToCallIsPreparedAtOnce() throws {
    var it = Dialogue([])
    #expect(try it.hears(.start) == "prepared")
    #expect(try it.hears(.commit) == "end")
  }
}
