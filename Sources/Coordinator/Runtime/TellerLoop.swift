import Logging
import Metrics
import Mode
import NIOCore
import Store

/// The teller of completions on its event loop.
final class TellerLoop: CompletionEnvironment, AnswerSink, @unchecked Sendable {
  private let eventLoop: any EventLoop
  private let clock: NodeClock
  private let logger: Logger
  private let failures = Counter(label: "caravan_completion_failures")
  /// Both set once, before the store starts to answer.
  private var teller: CompletionTeller?
  private var sender: (any AttemptSender)?
  private var timer: LoopTimer

  init(eventLoop: any EventLoop, clock: NodeClock, logger: Logger) {
    self.eventLoop = eventLoop
    timer = LoopTimer(on: eventLoop)
    self.clock = clock
    self.logger = logger
  }

  func attach(_ teller: CompletionTeller, sender: any AttemptSender) {
    self.teller = teller
    self.sender = sender
  }

  func start() {
    eventLoop.execute { self.teller?.wake() }
  }

  /// A transaction that somebody wants to be told of has ended. From any thread.
  func nudge() {
    eventLoop.execute { self.teller?.nudge() }
  }

  /// Tells nobody any more; what is under way is told again after the next start.
  func stop() {
    eventLoop.execute {
      self.timer.cancel()
      self.teller?.stop()
    }
  }

  func completed(_ answers: [(ticket: UInt64, answer: Answer)]) {
    eventLoop.execute { self.teller?.completed(answers) }
  }

  // MARK: CompletionEnvironment

  var now: Instant { clock.now }
  var mayCall: Bool { clock.incarnation != nil }

  func noise() -> UInt64 { .random(in: 0 ... .max) }

  func wakeTeller(at instant: Instant) {
    timer.schedule(in: max(.milliseconds(1), instant - now)) { [weak self] in
      self?.teller?.wake()
    }
  }

  func send(_ message: AttemptMessage, done: @escaping @Sendable (CallReport) -> Void) {
    sender?.send(message, completion: done)
  }

  func failed(_ row: StoredTransaction, _ error: String, attempt: UInt32) {
    failures.increment()
    logger.info(
      "the end could not be told; it is tried again",
      metadata: [
        "transaction": "\(row.id)", "attempt": "\(attempt)", "error": "\(error)",
      ])
  }

  func unreadable(_ row: StoredTransaction) {
    logger.error(
      "who is to be told the end cannot be read", metadata: ["transaction": "\(row.id)"])
  }
}
