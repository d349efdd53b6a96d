import NIOCore

/// At most one scheduled task: moved only to an earlier time, so that later deadlines cost nothing.
struct WakeTimer {
  private var scheduled: Scheduled<Void>?
  private var time: UInt64 = .max

  /// Makes sure that `body` runs at `time` or before; whoever is woken says `fired`, and schedules
  /// anew.
  mutating func schedule(
    at time: UInt64, on eventLoop: any EventLoop, _ body: @escaping () -> Void
  ) {
    guard time < self.time else { return }
    scheduled?.cancel()
    self.time = time
    scheduled = eventLoop.assumeIsolated().scheduleTask(
      deadline: NIODeadline(nanoseconds: time), body)
  }

  mutating func fired() {
    time = .max
  }

  mutating func cancel() {
    scheduled?.cancel()
    scheduled = nil
    time = .max
  }
}
