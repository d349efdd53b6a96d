import Mode
import NIOCore

/// At most one scheduled task of an event loop; a new one takes the old one's place.
struct LoopTimer {
  private let eventLoop: any EventLoop
  private var scheduled: Scheduled<Void>?

  init(on eventLoop: any EventLoop) {
    self.eventLoop = eventLoop
  }

  mutating func schedule(in delay: Span, _ body: @escaping @Sendable () -> Void) {
    scheduled?.cancel()
    scheduled = eventLoop.scheduleTask(in: .milliseconds(delay.milliseconds), body)
  }

  func cancel() {
    scheduled?.cancel()
  }
}
