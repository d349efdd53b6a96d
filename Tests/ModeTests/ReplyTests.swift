import Mode
import Testing

/// Rule 3: what a reply of phase one means.
@Suite struct ReplyTests {
  @Test func aRefusalRollsBackAndLeavesTheRefusingBranchAlone() throws {
    var it = Dialogue([.tcc(level: 1), .tcc(level: 2)])
    #expect(try it.hears(.commit) == "accepted: try 0")
    #expect(try it.hears(0, .done) == "try 1")
    #expect(try it.hears(1, .refused) == "decision: cancel 0")
    #expect(it.transaction.reason == .init(cause: .refused, branch: 1))
    #expect(it.progress[1].phaseOne == .refused)
    #expect(try it.hears(0, .done) == "end")
  }

  @Test func aRefusalOfTheOnlyBranchEndsAtOnce() throws {
    var it = Dialogue([.saga()])
    #expect(try it.hears(.commit) == "accepted: action 0")
    #expect(try it.hears(0, .refused) == "end")
    #expect(it.state == .rolledBack)
  }

  @Test func aRefusalAfterAnUnknownAttemptEndsTheRetriesButIsUndone() throws {
    var it = Dialogue([.tcc()])
    #expect(try it.hears(.commit) == "accepted: try 0")
    #expect(try it.hears(0, .failed) == "nothing")
    #expect(try it.waits() == "try 0 #2")
    #expect(try it.hears(0, .refused) == "decision: cancel 0?")
    #expect(it.progress[0].phaseOne == .unknown)
    #expect(it.transaction.reason == .init(cause: .exhausted, branch: 0))
  }

  @Test func aRefusalAfterAttemptsThatWereNotSentCounts() throws {
    var it = Dialogue([.tcc()])
    #expect(try it.hears(.commit) == "accepted: try 0")
    #expect(try it.hears(0, .notSent) == "nothing")
    #expect(try it.waits() == "try 0 #2")
    #expect(try it.hears(0, .refused) == "end")
    #expect(it.progress[0].phaseOne == .refused)
  }

  @Test func aBranchWhoseAttemptsWereAllNotSentWasNeverAttempted() throws {
    var it = Dialogue([.tcc()])
    #expect(try it.hears(.commit) == "accepted: try 0")
    #expect(try it.hears(0, .notSent) == "nothing")
    #expect(try it.waits() == "try 0 #2")
    #expect(try it.hears(0, .notSent) == "nothing")
    #expect(try it.waits() == "try 0 #3")
    #expect(try it.hears(0, .notSent) == "end")
    #expect(it.state == .rolledBack)
    #expect(it.progress[0].phaseOne == .untouched)
    #expect(it.transaction.reason == .init(cause: .exhausted, branch: 0))
  }

  @Test func anAttemptThatWasNotSentDoesNotTakeBackAnUnknownOne() throws {
    var it = Dialogue([.saga()])
    #expect(try it.hears(.commit) == "accepted: action 0")
    #expect(try it.hears(0, .failed) == "nothing")
    #expect(try it.waits() == "action 0 #2")
    #expect(try it.hears(0, .notSent) == "nothing")
    #expect(try it.waits() == "action 0 #3")
    #expect(try it.hears(0, .notSent) == "decision: compensation 0?")
  }

  @Test func theUndoOfATryWithUnknownOutcomeIsNotLost() throws {
    var it = Dialogue([.tcc()])
    #expect(try it.hears(.commit) == "accepted: try 0")
    #expect(try it.timesOut(0) == "nothing")
    #expect(try it.hears(.rollback) == "decision: cancel 0?")
    #expect(try it.hears(0, .failed) == "nothing")
    #expect(try it.waits() == "cancel 0? #2")
    #expect(try it.hears(0, .done) == "end")
  }

  @Test func aDuplicateReplyChangesNothing() throws {
    var it = Dialogue([.saga(level: 1), .saga(level: 2)])
    #expect(try it.hears(.commit) == "accepted: action 0")
    let done = Transaction.Event.replied(branch: 0, action: .action, attempt: 1, .done)
    #expect(try it.hears(done) == "action 1")
    #expect(try it.hears(done) == "nothing")
    #expect(
      try it.hears(.replied(branch: 0, action: .action, attempt: 1, .refused)) == "nothing")
    #expect(it.state == .executing(.commit))
  }

  @Test func aReplyToAnEarlierAttemptChangesNothing() throws {
    var it = Dialogue([.saga()])
    #expect(try it.hears(.commit) == "accepted: action 0")
    #expect(try it.timesOut(0) == "nothing")
    #expect(try it.waits() == "action 0 #2")
    let before = it.transaction
    for result in [CallResult.done, .refused, .failed, .lost, .notSent] {
      #expect(
        try it.hears(.replied(branch: 0, action: .action, attempt: 1, result)) == "nothing")
    }
    #expect(it.transaction == before)
  }

  @Test func aReplyAboutABranchThatDoesNotExistChangesNothing() throws {
    var it = Dialogue([.saga()])
    #expect(try it.hears(.commit) == "accepted: action 0")
    for branch in [-1, 1, .max] {
      #expect(
        try it.hears(.replied(branch: branch, action: .action, attempt: 1, .done)) == "nothing")
    }
  }

  @Test func aLateReplyToATryDoesNotAnswerTheCancel() throws {
    var it = Dialogue([.tcc()])
    #expect(try it.hears(.commit) == "accepted: try 0")
    #expect(try it.timesOut(0) == "nothing")
    #expect(try it.hears(.rollback) == "decision: cancel 0?")
    #expect(try it.hears(.replied(branch: 0, action: .try, attempt: 1, .done)) == "nothing")
    #expect(it.state == .rollingBack)
  }

  @Test func everyAttemptCarriesTheSameBranchAndActionAndItsOwnTimeout() throws {
    let hasty = RetryPolicy.with { $0.attemptTimeout = .milliseconds(700) }
    var it = Dialogue([.saga(retry: hasty)])
    let first = try it.transaction.apply(.commit, at: it.moment)
    #expect(
      first.effects == [
        .call(Attempt(branch: 0, action: .action, number: 1, timeout: .milliseconds(700)))
      ])
    #expect(try it.timesOut(0) == "nothing")
    it.now = try #require(it.transaction.nextDue)
    let second = try it.transaction.apply(.timer, at: it.moment)
    #expect(
      second.effects == [
        .call(Attempt(branch: 0, action: .action, number: 2, timeout: .milliseconds(700)))
      ])
  }
}
