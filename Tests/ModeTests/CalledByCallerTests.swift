import Mode
import Testing

/// Rule 9: phase one by the caller.
@Suite struct CalledByCallerTests {
  @Test func itIsNeverTriedAndCommitStatesThatItSucceeded() throws {
    var it = Dialogue([.tcc(.calledByCaller), .tcc()])
    #expect(try it.hears(.commit) == "accepted: try 1")
    #expect(it.progress[0].phaseOne == .done)
    #expect(try it.hears(1, .done) == "decision: confirm 0, confirm 1")
  }

  @Test func alonePhaseOneIsDoneWithTheCommit() throws {
    var it = Dialogue([.tcc(.calledByCaller), .saga(.calledByCaller)])
    #expect(try it.hears(.commit) == "decision: confirm 0")
    #expect(try it.hears(0, .done) == "end")
    var sagas = Dialogue([.saga(.calledByCaller)])
    #expect(try sagas.hears(.commit) == "end")
    #expect(sagas.state == .committed)
  }

  @Test func itsLevelHoldsUpNobody() throws {
    var it = Dialogue([.saga(level: 1, .calledByCaller), .saga(level: 2)])
    #expect(try it.hears(.start) == "accepted: action 1")
    #expect(try it.hears(1, .done) == "prepared")
    #expect(it.progress[0].phaseOne == .untouched)
    #expect(try it.hears(.commit) == "end")
    #expect(it.progress[0].phaseOne == .done)
  }

  @Test func rollbackTreatsItAsUnknown() throws {
    var it = Dialogue([.tcc(.calledByCaller), .saga(.calledByCaller)])
    #expect(try it.hears(.rollback) == "decision: cancel 0?, compensation 1?")
    #expect(try it.hears(0, .done) == "nothing")
    #expect(try it.hears(1, .done) == "end")
  }

  @Test func theDeadlineTreatsItAsUnknown() throws {
    var it = Dialogue([.tcc(.calledByCaller)])
    #expect(try it.waits() == "decision: cancel 0?")
  }

  @Test func aFailureBeforeCommitTreatsItAsUnknown() throws {
    var it = Dialogue([.tcc(.calledByCaller), .tcc()])
    #expect(try it.hears(.start) == "accepted: try 1")
    #expect(try it.hears(1, .refused) == "decision: cancel 0?")
  }

  @Test func aFailureAfterCommitUndoesWhatCommitStated() throws {
    var it = Dialogue([.tcc(.calledByCaller), .tcc()])
    #expect(try it.hears(.commit) == "accepted: try 1")
    #expect(try it.hears(1, .refused) == "decision: cancel 0")
  }

  @Test func aCommitDuringAStartStatesIt() throws {
    var it = Dialogue([.tcc(.calledByCaller), .tcc()])
    #expect(try it.hears(.start) == "accepted: try 1")
    #expect(try it.hears(.commit) == "accepted")
    #expect(try it.hears(1, .refused) == "decision: cancel 0")
  }

  @Test func compensationsOfTheCallersBranchesKeepTheOrderOfLevels() throws {
    var it = Dialogue([
      .saga(level: 1), .saga(level: 2, .calledByCaller), .saga(level: 3, .calledByCaller),
    ])
    #expect(try it.hears(.commit) == "accepted: action 0")
    #expect(try it.hears(0, .failed) == "nothing")
    #expect(try it.hears(.rollback) == "decision: compensation 2")
    #expect(try it.hears(2, .done) == "compensation 1")
    #expect(try it.hears(1, .done) == "compensation 0?")
  }
}
