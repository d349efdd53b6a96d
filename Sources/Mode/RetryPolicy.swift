/// When an attempt whose outcome is unknown, or that was not sent, is repeated (rules 4 and 7).
package struct RetryPolicy: Equatable, Hashable, Sendable {
  /// Attempts of phase one, the first included.
  package var attemptsMax: UInt32
  /// Delay before the second attempt.
  package var firstDelay: Span
  /// What the delay is multiplied with after each attempt.
  package var factor: Double
  /// The longest delay of phase one.
  package var delayMax: Span
  /// The longest delay of phase two.
  package var phaseTwoDelayMax: Span
  /// Share by which a delay varies at random, 0 to 1.
  package var jitter: Double
  /// The same three for phase two.
  package var phaseTwoFirstDelay: Span
  package var phaseTwoFactor: Double
  package var phaseTwoJitter: Double
  /// How long one attempt may take.
  package var attemptTimeout: Span
  /// Attempts of phase two after which an operator is asked to look.
  package var attentionAfter: UInt32

  /// What is not said of phase two is as in phase one, but for the longest delay.
  package init(
    attemptsMax: UInt32 = 3,
    firstDelay: Span = .milliseconds(100),
    factor: Double = 2,
    delayMax: Span = .seconds(2),
    phaseTwoDelayMax: Span = .seconds(60),
    jitter: Double = 0.2,
    phaseTwoFirstDelay: Span? = nil,
    phaseTwoFactor: Double? = nil,
    phaseTwoJitter: Double? = nil,
    attemptTimeout: Span = .seconds(10),
    attentionAfter: UInt32 = 10
  ) {
    self.attemptsMax = attemptsMax
    self.firstDelay = firstDelay
    self.factor = factor
    self.delayMax = delayMax
    self.phaseTwoDelayMax = phaseTwoDelayMax
    self.jitter = jitter
    self.phaseTwoFirstDelay = phaseTwoFirstDelay ?? firstDelay
    self.phaseTwoFactor = phaseTwoFactor ?? factor
    self.phaseTwoJitter = phaseTwoJitter ?? jitter
    self.attemptTimeout = attemptTimeout
    self.attentionAfter = attentionAfter
  }

  /// The policy whose `firstDelay`, `factor`, `delayMax` and `jitter` are those of phase two.
  package var inPhaseTwo: RetryPolicy {
    var policy = self
    policy.firstDelay = phaseTwoFirstDelay
    policy.factor = phaseTwoFactor
    policy.delayMax = phaseTwoDelayMax
    policy.jitter = phaseTwoJitter
    return policy
  }

  /// The delay after an attempt.
  ///
  /// - Parameters:
  ///   - attempt: the attempt that failed, counted from 1
  ///   - cap: `delayMax` or `phaseTwoDelayMax`
  ///   - pushback: what the participant asked for; it replaces the computed delay, from
  ///     `firstDelay` (so that nobody can ask for a storm) up to the cap
  ///   - noise: bits that decide the jitter
  package func delay(after attempt: UInt32, cap: Span, pushback: Span?, noise: UInt64) -> Span {
    if let pushback {
      return min(max(pushback, firstDelay, .milliseconds(0)), cap)
    }
    var delay = Double(firstDelay.milliseconds)
    let ceiling = Double(cap.milliseconds)
    var step: UInt32 = 1
    while step < attempt, delay < ceiling {
      delay *= factor
      step += 1
    }
    return spread(min(delay, ceiling), noise: noise)
  }

  /// The longest delay, spread: what follows a refusal in phase two.
  package func longestDelay(cap: Span, noise: UInt64) -> Span {
    spread(Double(cap.milliseconds), noise: noise)
  }

  /// Ten thousand years; above, a Double does not count single milliseconds any more, and far above
  /// it is no Int64.
  private static let millisecondsMax = 3.2e14

  private func spread(_ delay: Double, noise: UInt64) -> Span {
    let unit = Double(noise >> 11) / Double(UInt64(1) << 53)
    let factor = 1 + jitter * (2 * unit - 1)
    let spread = delay * factor
    // Also false for what is not a number.
    guard spread >= 0 else { return .milliseconds(0) }
    return .milliseconds(Int64(min(spread, Self.millisecondsMax)))
  }
}
