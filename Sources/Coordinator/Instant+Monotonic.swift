import Mode
import NIOCore

extension Instant {
  /// By this machine's clock that nobody sets.
  static var monotonic: Instant {
    Instant(milliseconds: Int64(NIODeadline.now().uptimeNanoseconds / 1_000_000))
  }
}
