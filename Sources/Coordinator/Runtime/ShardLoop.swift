import Mode
import NIOCore
import Store
import Synchronization

/// A shard on its event loop: the way in for everybody else, and the shard's clock.
final class ShardLoop: ShardEnvironment, AnswerSink, @unchecked Sendable {
  let eventLoop: any EventLoop
  private let clock: NodeClock
  /// Set once, before the store starts to answer.
  private var shard: Shard?
  private var timer: LoopTimer
  private var noiseState = UInt64.random(in: 0 ... .max)
  /// Live transactions, as far as others need to know.
  let liveCount = Atomic<Int>(0)

  init(eventLoop: any EventLoop, clock: NodeClock) {
    self.eventLoop = eventLoop
    timer = LoopTimer(on: eventLoop)
    self.clock = clock
  }

  func attach(_ shard: Shard) { self.shard = shard }

  /// Runs `body` with the shard, on its loop.
  func run(_ body: @escaping @Sendable (Shard) -> Void) {
    if eventLoop.inEventLoop {
      enter(body)
    } else {
      eventLoop.execute { self.enter(body) }
    }
  }

  private func enter(_ body: (Shard) -> Void) {
    guard let shard else { return }
    body(shard)
    liveCount.store(shard.live.count, ordering: .relaxed)
  }

  // MARK: Store

  func completed(_ answers: [(ticket: UInt64, answer: Answer)]) {
    run { $0.completed(answers) }
  }

  // MARK: ShardEnvironment

  var now: Instant { clock.now }
  var incarnation: Int64? { clock.incarnation }

  /// SplitMix64: it spreads retries, and the system's generator would be asked for each event.
  func noise() -> UInt64 {
    noiseState &+= UInt64.mixedStep
    return noiseState.mixed
  }

  func wake(at instant: Instant, shard: Shard) {
    timer.schedule(in: max(.milliseconds(0), instant - now)) { [weak self] in
      self?.enter { $0.wake() }
    }
  }
}
