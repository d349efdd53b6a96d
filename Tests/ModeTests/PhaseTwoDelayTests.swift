import Mode
import Testing

/// The delays of phase two are its own.
@Suite struct PhaseTwoDelayTests {
  @Test func phaseTwoWaitsByItsOwnDelayAndFactor() throws {
    let retry = RetryPolicy(
      phaseTwo: RetryPolicy.Backoff(
        first: .milliseconds(700), factor: 3, max: .seconds(60), jitter: 0))
    let plan = BranchPlan(mode: .tcc, level: 1, retry: retry)
    var it = Transaction(branches: [plan], deadline: Instant(milliseconds: 60_000))
    var now = Instant(milliseconds: 0)
    func moment() -> Moment { Moment(now: now, noise: 0) }
    _ = try it.apply(.commit, at: moment())
    _ = try it.apply(.replied(branch: 0, action: .try, attempt: 1, .done), at: moment())
    #expect(it.state == .committing)
    for (attempt, delay) in [(UInt32(1), Int64(700)), (2, 2_100), (3, 6_300)] {
      let lost = CallResult.unknown(answered: true, pushback: nil)
      _ = try it.apply(
        .replied(branch: 0, action: .confirm, attempt: attempt, lost), at: moment())
      #expect(it.nextDue == now + .milliseconds(delay))
      now = now + .milliseconds(delay)
      _ = try it.apply(.timer, at: moment())
    }
  }
}
