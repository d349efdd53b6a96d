import Logging
import Messages
import Mode
import NIOCore
import Store
import Synchronization

/// The keeper on its event loop, with the way to the shards.
final class KeeperLoop: KeeperEnvironment, AnswerSink, @unchecked Sendable {
  private let eventLoop: any EventLoop
  private let clock: NodeClock
  private let shards: ShardSet
  private let liveMax: Int
  /// SERVING while the lease is held.
  private let health: HealthRegistry
  private let logger: Logger
  /// Set once, before the store starts to answer.
  private var keeper: Keeper?
  private var timer: LoopTimer
  private var isLeaving = false
  /// What was logged of tasks that fail, and when.
  private var told: [String: (reason: String, at: Instant)] = [:]
  private static let tellEvery = Span.seconds(60)

  init(
    eventLoop: any EventLoop, clock: NodeClock, shards: ShardSet, liveMax: Int,
    health: HealthRegistry, logger: Logger
  ) {
    self.eventLoop = eventLoop
    timer = LoopTimer(on: eventLoop)
    self.clock = clock
    self.shards = shards
    self.liveMax = liveMax
    self.health = health
    self.logger = logger
  }

  func attach(_ keeper: Keeper) { self.keeper = keeper }

  func start() {
    eventLoop.execute { self.keeper?.wake() }
  }

  /// Gives the lease back; the future ends when the store has it, or cannot be reached.
  func leave() -> EventLoopFuture<Void> {
    let promise = eventLoop.makePromise(of: Void.self)
    eventLoop.execute {
      self.timer.cancel()
      self.isLeaving = true
      guard let keeper = self.keeper else { return promise.succeed() }
      keeper.leave { promise.succeed() }
    }
    return promise.futureResult
  }

  func completed(_ answers: [(ticket: UInt64, answer: Answer)]) {
    eventLoop.execute { self.keeper?.completed(answers) }
  }

  // MARK: KeeperEnvironment

  var monotonic: Instant { .monotonic }
  var databaseNow: Instant { clock.now }

  func wakeKeeper(at instant: Instant) {
    timer.schedule(in: max(.milliseconds(1), instant - .monotonic)) { [weak self] in
      self?.keeper?.wake()
    }
  }

  func leaseHeld(incarnation: Int64, until: Instant, databaseNow: Instant, sentAt: Instant) {
    let isNew = clock.incarnation != incarnation
    clock.hold(
      incarnation: incarnation, until: until, databaseNow: databaseNow, sentAt: sentAt)
    guard isNew else { return }
    health.setAll(.serving)
    logger.info("joined", metadata: ["incarnation": "\(incarnation)"])
  }

  func leaseLost() {
    clock.lose()
    health.setAll(.notServing)
    if isLeaving {
      logger.info("the lease is given back")
    } else {
      logger.warning("the lease is lost; what this node drove is taken up again after a new one")
    }
    for loop in shards.loops { loop.run { $0.dropEverything() } }
  }

  /// It is tried again several times a second, and said again once a minute, or when the reason is
  /// another.
  func failed(_ task: String, _ reason: String) {
    let now = monotonic
    if let last = told[task], last.reason == reason, now < last.at + Self.tellEvery { return }
    told[task] = (reason, now)
    logger.warning(
      "the store fails at \(task); it is tried again", metadata: ["reason": "\(reason)"])
  }

  var room: Int {
    liveMax - shards.loops.reduce(0) { $0 + $1.liveCount.load(ordering: .relaxed) }
  }

  func hand(_ id: String, driverGoneAt: Instant) {
    shards.onShard(of: id) { $0.resume(id: id, driverGoneAt: driverGoneAt) }
  }
}
