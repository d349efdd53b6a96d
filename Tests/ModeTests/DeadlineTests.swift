import Mode
import Testing

/// Rule 8: without a decision at its deadline a transaction rolls back.
@Suite struct DeadlineTests {
  @Test func aBegunTransactionExpires() throws {
    var it = Dialogue([.tcc()])
    #expect(it.transaction.nextDue == Dialogue.deadline)
    #expect(try it.waits(until: 59_999) == "nothing")
    #expect(try it.waits() == "end")
    #expect(it.state == .rolledBack)
    #expect(it.transaction.reason == .init(cause: .deadline))
  }

  @Test func anExecutingTransactionExpires() throws {
    var it = Dialogue([.tcc(level: 1), .tcc(level: 2)])
    #expect(try it.hears(.commit) == "accepted: try 0")
    #expect(try it.waits(until: 59_000) == "nothing")
    #expect(try it.hears(0, .done) == "try 1")
    #expect(try it.waits(until: 60_000) == "decision: cancel 0")
    #expect(it.transaction.reason == .init(cause: .deadline))
    #expect(try it.hears(1, .lost) == "nothing")
    #expect(try it.hears(0, .done) == "nothing")
    #expect(try it.waits() == "cancel 1?")
    #expect(it.now == 69_000)
  }

  @Test func aPreparedTransactionExpires() throws {
    var it = Dialogue([.tcc()])
    #expect(try it.hears(.start) == "accepted: try 0")
    #expect(try it.hears(0, .done) == "prepared")
    #expect(try it.waits() == "decision: cancel 0")
    #expect(it.transaction.reason == .init(cause: .deadline))
  }

  @Test func pauseDoesNotStopTheDeadline() throws {
    var it = Dialogue([.tcc()])
    #expect(try it.hears(.commit) == "accepted: try 0")
    #expect(try it.hears(.pause) == "flag")
    #expect(try it.hears(0, .failed) == "nothing")
    #expect(it.transaction.nextDue == Dialogue.deadline)
    #expect(try it.waits() == "decision")
    #expect(it.state == .rollingBack)
    #expect(it.transaction.nextDue == nil)
    #expect(try it.hears(.resume) == "flag: cancel 0?")
  }

  @Test(arguments: [Transaction.Event.commit, .start])
  func aWordAfterTheDeadlineComesTooLate(_ word: Transaction.Event) throws {
    var it = Dialogue([.tcc()])
    it.now = Dialogue.deadline
    #expect(try it.hears(word) == "end")
    #expect(it.state == .rolledBack)
    #expect(it.transaction.reason == .init(cause: .deadline))
  }

  @Test func commitOfWhatIsPreparedComesTooLateAfterTheDeadline() throws {
    var it = Dialogue([.tcc(), .tcc(.calledByCaller)])
    #expect(try it.hears(.start) == "accepted: try 0")
    #expect(try it.hears(0, .done) == "prepared")
    it.now = Dialogue.deadline
    #expect(try it.hears(.commit) == "decision: cancel 0, cancel 1?")
    #expect(it.transaction.reason == .init(cause: .deadline))
  }

  @Test func commitDuringAStartComesTooLateAfterTheDeadline() throws {
    var it = Dialogue([.tcc(), .tcc()])
    #expect(try it.hears(.start) == "accepted: try 0, try 1")
    #expect(try it.hears(0, .done) == "nothing")
    it.now = Dialogue.deadline
    #expect(try it.hears(.commit) == "decision: cancel 0")
    #expect(it.transaction.reason == .init(cause: .deadline))
  }

  @Test func theLastSuccessAfterTheDeadlineComesTooLate() throws {
    var it = Dialogue([.saga()])
    #expect(try it.waits(until: 55_000) == "nothing")
    #expect(try it.hears(.commit) == "accepted: action 0")
    it.now = Dialogue.deadline
    #expect(try it.hears(0, .done) == "decision: compensation 0")
    #expect(it.transaction.reason == .init(cause: .deadline))
  }

  @Test func noLevelStartsAfterTheDeadline() throws {
    var it = Dialogue([.saga(level: 1), .saga(level: 2)])
    #expect(try it.waits(until: 55_000) == "nothing")
    #expect(try it.hears(.start) == "accepted: action 0")
    it.now = Dialogue.deadline
    #expect(try it.hears(0, .done) == "decision: compensation 0")
    #expect(it.progress[1].phaseOne == .untouched)
  }
}
