/// A point in time by the database's clock, in milliseconds since the Unix epoch.
package struct Instant: Equatable, Hashable, Comparable, Sendable {
  package var milliseconds: Int64

  package init(milliseconds: Int64) { self.milliseconds = milliseconds }

  package static func < (left: Instant, right: Instant) -> Bool {
    left.milliseconds < right.milliseconds
  }

  /// Stops at the ends of time instead of passing them.
  package static func + (left: Instant, right: Span) -> Instant {
    let (sum, overflow) = left.milliseconds.addingReportingOverflow(right.milliseconds)
    return Instant(milliseconds: overflow ? (right.milliseconds < 0 ? .min : .max) : sum)
  }

  package static func - (left: Instant, right: Instant) -> Span {
    Span(milliseconds: left.milliseconds &- right.milliseconds)
  }
}

/// A length of time in milliseconds.
package struct Span: Equatable, Hashable, Comparable, Sendable {
  package var milliseconds: Int64

  package init(milliseconds: Int64) { self.milliseconds = milliseconds }

  package static func milliseconds(_ count: Int64) -> Span { Span(milliseconds: count) }
  package static func seconds(_ count: Int64) -> Span { Span(milliseconds: count * 1_000) }

  package static func < (left: Span, right: Span) -> Bool {
    left.milliseconds < right.milliseconds
  }
}

/// What an event brings along because Mode has neither a clock nor randomness.
package struct Moment: Equatable, Sendable {
  package var now: Instant
  /// Any bits: they spread the retries of transactions that failed together.
  package var noise: UInt64

  package init(now: Instant, noise: UInt64) {
    self.now = now
    self.noise = noise
  }
}
