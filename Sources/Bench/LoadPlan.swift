package import NIOCore

/// How hard and how long a run presses.
package struct LoadPlan: Sendable {
  package enum Pace: Sendable, Equatable {
    /// Each of so many callers begins its next transaction when its last one has ended.
    case closed(concurrency: Int)
    /// So many transactions a second begin, whatever becomes of those before; at most so many are
    /// under way, the others wait, and their waiting counts.
    case open(perSecond: Double, concurrencyMax: Int)
  }

  package var pace: Pace
  /// What happens before is not counted.
  package var warmUp = TimeAmount.seconds(1)
  package var duration = TimeAmount.seconds(5)
  /// Connections to the coordinator.
  package var connections = 4
  /// Threads that make calls.
  package var threads = 1
  /// After it a call counts as failed.
  package var callTimeout = TimeAmount.seconds(30)

  package init(pace: Pace) {
    self.pace = pace
  }
}
