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
}
