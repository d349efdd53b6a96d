import NIOCore

/// At most one scheduled task: moved only to an earlier time, so that later deadlines cost nothing.
struct WakeTimer {
  private var scheduled: Scheduled<Void>?
  private var time: UInt64 = .max
  private var generation: UInt64 = 0

  /// Makes sure that `body` runs at `time` or before; whoever is woken schedules anew.
  mutating func schedule(
    at time: UInt64, on eventLoop: any EventLoop, now: UInt64 = NIODeadline.now().uptimeNanoseconds,
    _ body: @escaping () -> Void
  ) {
    if time >= self.time, now < self.time { return }
    scheduled?.cancel()
    self.time = time
    scheduled = eventLoop.assumeIsolated().scheduleTask(
      deadline: NIODeadline(nanoseconds: time), body)
  }

  mutating func cancel() {
    scheduled?.cancel()
    scheduled = nil
    time = .max
  }
}
