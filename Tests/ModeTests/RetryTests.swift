import Mode
import Testing

/// Rules 4 and 7: when an attempt is repeated.
@Suite struct RetryTests {
  @Test func phaseOneWaitsLongerAfterEachAttemptAndGivesUpAfterTheLast() throws {
    var it = Dialogue([.saga(retry: .with { $0.attemptsMax = 4 })])
    #expect(try it.hears(.commit) == "accepted: action 0")
    for delay in [100, 200, 400] as [Int64] {
      #expect(try it.hears(0, .failed) == "nothing")
      #expect(it.transaction.nextDue == it.now + .milliseconds(delay))
      #expect(try it.waits().hasPrefix("action 0 #"))
    }
    #expect(try it.hears(0, .failed) == "decision: compensation 0?")
    #expect(it.transaction.reason == .init(cause: .exhausted, branch: 0))
  }

  @Test func aTimerBeforeTheDelayIsOverCallsNothing() throws {
    var it = Dialogue([.saga()])
    #expect(try it.hears(.commit) == "accepted: action 0")
    #expect(try it.hears(0, .failed) == "nothing")
    #expect(try it.waits(until: 99) == "nothing")
    #expect(try it.waits(until: 100) == "action 0 #2")
    #expect(try it.waits(until: 101) == "nothing")
  }

  @Test func phaseTwoNeverGivesUp() throws {
    var it = Dialogue([.tcc()])
    #expect(try it.hears(.commit) == "accepted: try 0")
    #expect(try it.hears(0, .done) == "decision: confirm 0")
    for attempt in 1...500 {
      _ = try it.hears(0, attempt % 2 == 0 ? .failed : .notSent)
      #expect(try it.waits() == "confirm 0 #\(attempt + 1)")
    }
    #expect(it.state == .committing)
    #expect(try it.hears(0, .done) == "end")
    #expect(it.state == .committed)
  }

  @Test func phaseTwoWaitsUpToItsCap() throws {
    var it = Dialogue([.tcc()])
    #expect(try it.hears(.rollback) == "end")
    it = Dialogue([.tcc()])
    #expect(try it.hears(.commit) == "accepted: try 0")
    #expect(try it.hears(0, .done) == "decision: confirm 0")
    var delays: [Int64] = []
    for _ in 0..<13 {
      _ = try it.hears(0, .failed)
      delays.append((try #require(it.transaction.nextDue) - it.now).milliseconds)
      _ = try it.waits()
    }
    #expect(
      delays == [
        100, 200, 400, 800, 1_600, 3_200, 6_400, 12_800, 25_600, 51_200, 60_000, 60_000, 60_000,
      ])
  }

  @Test func anAttemptThatWasNotSentIsDelayedLikeAnyOther() throws {
    var it = Dialogue([.saga()])
    #expect(try it.hears(.commit) == "accepted: action 0")
    #expect(try it.hears(0, .notSent) == "nothing")
    #expect(it.transaction.nextDue == 100)
  }

  @Test func pushbackReplacesTheDelayUpToTheCap() throws {
    var it = Dialogue([.saga()])
    #expect(try it.hears(.commit) == "accepted: action 0")
    #expect(try it.hears(0, .notYet(1_500)) == "nothing")
    #expect(it.transaction.nextDue == 1_500)
    #expect(try it.waits() == "action 0 #2")
    #expect(try it.hears(0, .notYet(.max)) == "nothing")
    #expect(it.transaction.nextDue == 3_500)
    #expect(try it.waits() == "action 0 #3")
    #expect(try it.hears(0, .notYet(10)) == "decision: compensation 0?", "it counts as an attempt")
  }

  @Test func pushbackNeverExtendsTheDeadline() throws {
    let patient = RetryPolicy.with {
      $0.attemptsMax = 100
      $0.phaseOne.max = .seconds(3_600)
    }
    var it = Dialogue([.saga(retry: patient)])
    #expect(try it.hears(.commit) == "accepted: action 0")
    #expect(try it.hears(0, .notYet(3_000_000)) == "nothing")
    #expect(it.transaction.nextDue == Dialogue.deadline)
    #expect(try it.waits() == "decision: compensation 0?")
    #expect(it.transaction.reason?.cause == .deadline)
  }

  @Test(arguments: [Int64.min, -1, 0, 1, 99])
  func pushbackNeverMakesAHotLoop(_ asked: Int64) throws {
    var it = Dialogue([.tcc()])
    #expect(try it.hears(.commit) == "accepted: try 0")
    #expect(try it.hears(0, .done) == "decision: confirm 0")
    #expect(try it.hears(0, .notYet(asked)) == "nothing")
    #expect(it.transaction.nextDue == 100)
  }

  @Test func jitterStaysWithinItsShare() {
    let backoff = RetryPolicy.Backoff(max: .seconds(2), jitter: 0.2)
    let refused = RetryPolicy.Backoff(max: .seconds(60), jitter: 0.2)
    var seen = Set<Int64>()
    var noise: UInt64 = 0x9e37_79b9_7f4a_7c15
    for _ in 0..<10_000 {
      noise = noise &* 0x5851_f42d_4c95_7f2d &+ 0x1405_7b7e_f767_814f
      let delay = backoff.delay(after: 3, pushback: nil, noise: noise)
      #expect((320...480).contains(delay.milliseconds))
      seen.insert(delay.milliseconds)
      let longest = refused.longestDelay(noise: noise)
      #expect((48_000...72_000).contains(longest.milliseconds))
    }
    #expect(seen.count > 150)
    for edge in [0, UInt64.max] {
      let delay = backoff.delay(after: 3, pushback: nil, noise: edge)
      #expect((320...480).contains(delay.milliseconds))
    }
  }

  @Test func branchesThatFailTogetherSpread() throws {
    let plan = BranchPlan.saga(
      retry: RetryPolicy(phaseOne: RetryPolicy.Backoff(first: .seconds(1), max: .seconds(2))))
    var it = Dialogue(Array(repeating: plan, count: 50))
    _ = try it.hears(.commit)
    for branch in 0..<50 { #expect(try it.hears(branch, .failed) == "nothing") }
    var instants = Set<Int64>()
    for progress in it.progress {
      guard case .waiting(let until) = progress.activity else {
        Issue.record("\(progress)")
        continue
      }
      instants.insert(until.milliseconds)
    }
    #expect(instants.count > 30)
  }

  @Test(arguments: [
    (
      RetryPolicy.Backoff(first: .milliseconds(.max), max: .milliseconds(.max), jitter: 1),
      Span.milliseconds(.max)
    ),
    (RetryPolicy.Backoff(factor: .infinity, max: .milliseconds(.max)), .seconds(10)),
    (RetryPolicy.Backoff(factor: .nan, max: .seconds(60), jitter: .nan), .seconds(10)),
    (
      RetryPolicy.Backoff(
        first: .milliseconds(.min), factor: -3, max: .seconds(60), jitter: 100), .seconds(10)
    ),
  ])
  func aNonsensicalPolicyTrapsNowhere(_ backoff: RetryPolicy.Backoff, _ timeout: Span) throws {
    for attempt in [0, 1, 2, 70, .max] as [UInt32] {
      for noise in [0, 1 << 63, .max] as [UInt64] {
        let delay = backoff.delay(after: attempt, pushback: nil, noise: noise)
        #expect(delay.milliseconds >= 0)
      }
    }
    let policy = RetryPolicy(phaseOne: backoff, phaseTwo: backoff, attemptTimeout: timeout)
    var it = Dialogue([.tcc(retry: policy)])
    #expect(try it.hears(.commit) == "accepted: try 0")
    #expect(try it.hears(0, .failed) == "nothing")
    #expect(try #require(it.transaction.nextDue) >= it.now)
  }
}
