import Logging
import Postgres

/// A thread with a session that makes writes durable, as many as are there at once.
///
/// While a batch is on its way the next one gathers: no timer, and no wait while little happens.
final class Writer: Sendable {
  private let queue: WriterQueue
  private let thread: OwnThread

  /// Starts the thread; `deliver` is called on it.
  init(
    number: Int, configuration: StoreConfiguration, statistics: Monitor<StoreStatistics>,
    logger: Logger, deliver: @escaping @Sendable ([Delivery]) -> Void
  ) {
    let queue = WriterQueue(
      unansweredMax: max(1, configuration.queueMax / max(1, configuration.writers)))
    self.queue = queue
    thread = OwnThread(name: "store-write-\(number)") {
      var loop = WriterLoop(
        link: Link(
          "writer \(number)", settings: SessionSQL.writer, configuration: configuration,
          logger: logger),
        queue: queue, configuration: configuration, statistics: statistics, logger: logger,
        deliver: deliver)
      loop.run()
    }
  }

  /// Queues a write; false when the queue is full or stopped.
  func submit(_ write: QueuedWrite) -> Bool { queue.add(write) }

  /// Takes no more writes; what is queued is still written, or fails at its bound.
  func stop() { queue.stop() }

  /// Blocks until everything is answered; after `stop`.
  func join() { thread.join() }
}

/// An answer on its way to its shard.
struct Delivery: Sendable {
  var shard: Int
  var ticket: UInt64
  var answer: Answer
}
