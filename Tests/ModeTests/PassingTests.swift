import Mode
import Testing

/// Replies passed on: what a later call carries is durable before it is made.
@Suite struct PassingTests {
  @Test func aLevelThatUsesRepliesStartsOnceTheyAreDurable() throws {
    var it = Dialogue([.saga(level: 1), .saga(level: 1), .tcc(level: 2, usesReplies: true)])
    #expect(try it.hears(.commit) == "accepted: action 0, action 1")
    #expect(try it.hears(1, .done) == "nothing")
    #expect(try it.hears(0, .done) == "replies: try 2")
  }

  @Test func aLevelThatUsesNoneCostsNoWrite() throws {
    var it = Dialogue([.saga(level: 1), .saga(level: 2), .saga(level: 3, usesReplies: true)])
    #expect(try it.hears(.commit) == "accepted: action 0")
    #expect(try it.hears(0, .done) == "action 1")
    #expect(try it.hears(1, .done) == "replies: action 2")
  }

  @Test func aRetryWritesNothing() throws {
    var it = Dialogue([.saga(level: 1), .saga(level: 2, usesReplies: true), .saga(level: 2)])
    #expect(try it.hears(.commit) == "accepted: action 0")
    #expect(try it.hears(0, .done) == "replies: action 1, action 2")
    #expect(try it.hears(1, .failed) == "nothing")
    #expect(try it.waits() == "action 1 #2")
  }

  @Test func whatUsesRepliesThatWereLostWasNeverAttempted() throws {
    let branches: [BranchPlan] = [.saga(level: 1), .tcc(level: 2, usesReplies: true)]
    var it = Dialogue(branches)
    #expect(try it.hears(.commit) == "accepted: action 0")
    #expect(try it.crashes() == "action 0")
    #expect(it.progress.map(\.phaseOne) == [.unknown, .untouched])
    #expect(try it.hears(0, .refused) == "decision")
    #expect(try it.waits() == "compensation 0?")
    #expect(try it.hears(0, .done) == "end")
  }

  @Test func whatUsesDurableRepliesMayHaveBeenAttempted() throws {
    var it = Dialogue([.saga(level: 1), .tcc(level: 2, usesReplies: true)])
    #expect(try it.hears(.commit) == "accepted: action 0")
    #expect(try it.hears(0, .done) == "replies: try 1")
    #expect(try it.crashes(loadedAt: 5) == "replies: try 1")
    #expect(it.progress.map(\.phaseOne) == [.done, .unknown])
  }

  // MARK: An undo that uses its own branch's reply

  @Test func aReplyAfterTheDecisionIsDurableBeforeTheUndoThatUsesIt() throws {
    var it = Dialogue([.saga(undoUsesOwnReply: true)])
    #expect(try it.hears(.commit) == "accepted: action 0")
    #expect(try it.hears(.rollback) == "decision")
    #expect(try it.hears(0, .done) == "replies: compensation 0")
    #expect(try it.hears(0, .failed) == "nothing")
    #expect(try it.waits() == "compensation 0 #2")
  }

  @Test func itIsDurableBeforeAnUndoWhoseTurnComesLater() throws {
    var it = Dialogue([.saga(level: 1, undoUsesOwnReply: true), .saga(level: 2)])
    #expect(try it.hears(.commit) == "accepted: action 0")
    // The new life cannot know whether the second was called.
    #expect(try it.crashes(loadedAt: 5) == "action 0")
    #expect(try it.hears(.rollback) == "decision")
    #expect(try it.hears(0, .done) == "replies")
    #expect(try it.waits() == "compensation 1?")
    #expect(try it.hears(1, .done) == "compensation 0")
  }

  @Test func anUndoThatHasNoReplyToUseCostsNoWrite() throws {
    var it = Dialogue([.tcc(undoUsesOwnReply: true)])
    #expect(try it.hears(.commit) == "accepted: try 0")
    #expect(try it.hears(.rollback) == "decision")
    #expect(try it.hears(0, .failed) == "cancel 0?")
  }

  @Test func aReplyThatTheDecisionWroteIsNotWrittenAgain() throws {
    var it = Dialogue([.tcc(undoUsesOwnReply: true), .saga()])
    #expect(try it.hears(.commit) == "accepted: try 0, action 1")
    #expect(try it.hears(0, .done) == "nothing")
    #expect(try it.hears(1, .refused) == "decision: cancel 0")
  }

  @Test func theUndoOfAPausedTransactionWaitsForTheWriteOfTheResume() throws {
    var it = Dialogue([.saga(undoUsesOwnReply: true)])
    #expect(try it.hears(.commit) == "accepted: action 0")
    #expect(try it.hears(.rollback) == "decision")
    #expect(try it.hears(.pause) == "flag")
    #expect(try it.hears(0, .done) == "nothing")
    #expect(try it.hears(.resume) == "flag: compensation 0")
  }
}
