import GRPC

/// Growing pauses between attempts to connect, each with jitter so that many clients do not come
/// back at once.
package struct Backoff: Sendable {
  package var first = Duration.milliseconds(50)
  package var factor = 1.6
  package var max = Duration.seconds(1)
  /// Share of the pause by which it varies, up and down.
  package var jitter = 0.2

  package init() {}

  /// Nanoseconds before the attempt that follows this many failures.
  func delay(failures: Int, randomness: Double) -> UInt64 {
    var delay = Double(first.nanoseconds)
    for _ in 1..<Swift.max(2, failures) {
      delay = Swift.min(delay * (failures > 1 ? factor : 1), Double(max.nanoseconds))
    }
    return UInt64(delay * (1 + jitter * (2 * randomness - 1)))
  }
}
