/// A moment as PostgreSQL counts it: a `timestamptz`, exact to the microsecond.
package struct Timestamp: Hashable, Comparable, Sendable {
  /// 1970-01-01 to 2000-01-01, PostgreSQL's zero.
  private static let epochDistance: Int64 = 946_684_800_000_000

  /// Microseconds since 1970-01-01 00:00 UTC.
  package var unixMicroseconds: Int64

  package init(unixMicroseconds: Int64) {
    self.unixMicroseconds = unixMicroseconds
  }

  /// Before every other moment: `-infinity`.
  package static let distantPast = Timestamp(unixMicroseconds: .min)

  package static func < (one: Timestamp, other: Timestamp) -> Bool {
    one.unixMicroseconds < other.unixMicroseconds
  }

  /// Microseconds since 2000-01-01, as they stand on the wire; `Int64.max` and `.min` are the
  /// server's two infinities, so a moment out of range becomes one of them.
  var wire: Int64 {
    let (value, overflow) = unixMicroseconds.subtractingReportingOverflow(Self.epochDistance)
    return overflow ? .min : value
  }

  init(wire: Int64) {
    let (value, overflow) = wire.addingReportingOverflow(Self.epochDistance)
    unixMicroseconds = overflow ? .max : value
  }
}
