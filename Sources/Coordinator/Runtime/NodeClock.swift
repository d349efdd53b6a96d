import Mode
import Synchronization

/// What this node knows of time and of its lease; read by every shard, written by the keeper.
///
/// The database's clock rules deadlines and leases. A node reads it with each renewal and goes on
/// from there with its own monotonic clock; its lease it counts on the monotonic clock alone.
final class NodeClock: Sendable {
  private let heldIncarnation = Atomic<Int64>(0)
  private let leaseEnd = Atomic<Int64>(0)
  /// The database's milliseconds since 1970 less the monotonic ones.
  private let offset: Atomic<Int64>

  init(wallClockMilliseconds: Int64) {
    offset = Atomic(wallClockMilliseconds - Instant.monotonic.milliseconds)
  }

  var now: Instant {
    Instant(milliseconds: Instant.monotonic.milliseconds + offset.load(ordering: .relaxed))
  }

  /// The incarnation under which this node may act now; nil past the lease.
  var incarnation: Int64? {
    let held = heldIncarnation.load(ordering: .acquiring)
    guard held != 0, Instant.monotonic.milliseconds < leaseEnd.load(ordering: .relaxed) else {
      return nil
    }
    return held
  }

  /// The lease runs until then, by the monotonic clock; `databaseNow` was read between `sentAt` and
  /// now.
  func hold(incarnation: Int64, until: Instant, databaseNow: Instant, sentAt: Instant) {
    let now = Instant.monotonic.milliseconds
    let middle = sentAt.milliseconds + (now - sentAt.milliseconds) / 2
    offset.store(databaseNow.milliseconds - middle, ordering: .relaxed)
    leaseEnd.store(until.milliseconds, ordering: .relaxed)
    heldIncarnation.store(incarnation, ordering: .releasing)
  }

  func lose() {
    heldIncarnation.store(0, ordering: .releasing)
  }
}
