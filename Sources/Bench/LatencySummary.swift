import Histogram
import NIOCore

/// Times in microseconds, as a histogram with three significant digits saw them.
package struct LatencySummary: Sendable, Codable, Equatable {
  package var count: Int
  package var mean: Double
  package var p50: Int
  package var p90: Int
  package var p99: Int
  package var p999: Int
  package var max: Int
  /// Percentile and time, for drawing.
  package var percentiles: [Point]

  package struct Point: Sendable, Codable, Equatable {
    package var percentile: Double
    package var microseconds: Int
  }

  private static let drawn = [
    1, 5, 10, 20, 30, 40, 50, 60, 70, 75, 80, 85, 90, 92.5, 95, 97, 98, 99, 99.5, 99.9, 99.95,
    99.99, 100,
  ]

  init(_ times: Histogram<UInt32>) {
    let at = { (percentile: Double) in Int(times.valueAtPercentile(percentile)) }
    count = Int(times.totalCount)
    mean = count == 0 ? 0 : times.mean
    p50 = at(50)
    p90 = at(90)
    p99 = at(99)
    p999 = at(99.9)
    max = count == 0 ? 0 : Int(times.max)
    percentiles = count == 0 ? [] : Self.drawn.map { Point(percentile: $0, microseconds: at($0)) }
  }
}

/// What one thread has counted.
struct Tally: Sendable {
  /// Up to the end of a transaction, in microseconds.
  var ends = Tally.times()
  /// Up to the answer of the last call of a transaction where that comes before its end, in
  /// microseconds.
  var answers = Tally.times()
  var committed = 0
  var rolledBack = 0
  var errors: [String: Int] = [:]
  /// What the first error of each name said, and the first rollback.
  var errorTexts: [String: String] = [:]
  var rollbackText: String?
  /// Ended at any time, also before and after what is counted.
  var endedEver = 0
  var failedEver = 0
  /// Open pace: those that could not begin before the end of the run.
  var neverBegun = 0

  /// A minute and more is clamped: a call has long timed out by then.
  static let microsecondsMax: UInt64 = 120_000_000

  static func times() -> Histogram<UInt32> {
    Histogram(
      lowestDiscernibleValue: 1, highestTrackableValue: microsecondsMax,
      numberOfSignificantValueDigits: .three)
  }

  mutating func add(_ other: Tally) {
    ends.add(other.ends)
    answers.add(other.answers)
    committed += other.committed
    rolledBack += other.rolledBack
    errors.merge(other.errors, uniquingKeysWith: +)
    errorTexts.merge(other.errorTexts) { first, _ in first }
    rollbackText = rollbackText ?? other.rollbackText
    endedEver += other.endedEver
    failedEver += other.failedEver
    neverBegun += other.neverBegun
  }
}

extension Histogram {
  /// Records a time in microseconds.
  mutating func recordTime(_ time: TimeAmount) {
    record(Swift.min(UInt64(Swift.max(0, time.nanoseconds) / 1_000), Tally.microsecondsMax))
  }
}
