/// When an attempt whose outcome is unknown, or that was not sent, is repeated (rules 4 and 7).
package struct RetryPolicy: Equatable, Hashable, Sendable {
  /// Attempts of phase one, the first included.
  package var attemptsMax: UInt32
  package var phaseOne: Backoff
  package var phaseTwo: Backoff
  /// How long one attempt may take.
  package var attemptTimeout: Span
  /// Attempts of phase two after which an operator is asked to look.
  package var attentionAfter: UInt32

  package init(
    attemptsMax: UInt32 = 3, phaseOne: Backoff = Backoff(max: .seconds(2)),
    phaseTwo: Backoff = Backoff(max: .seconds(60)), attemptTimeout: Span = .seconds(10),
    attentionAfter: UInt32 = 10
  ) {
    self.attemptsMax = attemptsMax
    self.phaseOne = phaseOne
    self.phaseTwo = phaseTwo
    self.attemptTimeout = attemptTimeout
    self.attentionAfter = attentionAfter
  }
}

extension RetryPolicy {
  /// The delays between the attempts of one phase.
  package struct Backoff: Equatable, Hashable, Sendable {
    /// Before the second attempt.
    package var first: Span
    /// What the delay is multiplied with after each attempt.
    package var factor: Double
    /// The longest, but for the jitter.
    package var max: Span
    /// Share by which a delay varies at random, 0 to 1.
    package var jitter: Double

    package init(
      first: Span = .milliseconds(100), factor: Double = 2, max: Span, jitter: Double = 0.2
    ) {
      self.first = first
      self.factor = factor
      self.max = max
      self.jitter = jitter
    }

    /// The delay after an attempt.
    ///
    /// - Parameters:
    ///   - attempt: the attempt that failed, counted from 1
    ///   - pushback: what the participant asked for; it replaces the computed delay, from `first`
    ///     (so that nobody can ask for a storm) up to `max`
    ///   - noise: bits that decide the jitter
    package func delay(after attempt: UInt32, pushback: Span?, noise: UInt64) -> Span {
      if let pushback {
        return Swift.min(Swift.max(pushback, first, .milliseconds(0)), max)
      }
      var delay = Double(first.milliseconds)
      let ceiling = Double(max.milliseconds)
      var step: UInt32 = 1
      while step < attempt, delay < ceiling {
        delay *= factor
        step += 1
      }
      return spread(Swift.min(delay, ceiling), noise: noise)
    }

    /// The longest delay, spread: what follows a refusal in phase two.
    package func longestDelay(noise: UInt64) -> Span {
      spread(Double(max.milliseconds), noise: noise)
    }

    /// Ten thousand years; above, a Double does not count single milliseconds any more, and far
    /// above it is no Int64.
    private static let millisecondsMax = 3.2e14

    private func spread(_ delay: Double, noise: UInt64) -> Span {
      let unit = Double(noise >> 11) / Double(UInt64(1) << 53)
      let factor = 1 + jitter * (2 * unit - 1)
      let spread = delay * factor
      // Also false for what is not a number.
      guard spread >= 0 else { return .milliseconds(0) }
      return .milliseconds(Int64(Swift.min(spread, Self.millisecondsMax)))
    }
  }
}
