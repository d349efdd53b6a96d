import Messages
import Mode
import Store
import StoreTesting

@testable import Coordinator

/// A shard over a store in memory, with participants that never answer.
final class LoneShard: ParticipantCaller, ShardEnvironment, ShardObserver, AnswerSink,
  @unchecked Sendable
{
  let store = InMemoryStore(now: Instant(milliseconds: 1_000))
  private(set) var called: [OutgoingCall] = []
  /// What the shard asked for last.
  private(set) var wakeAt: Instant?
  private var sinceBegin: Int64 = 0
  /// The lease that the shard holds; nil: none.
  var incarnation: Int64? = 1
  private let limits: Shard.Limits
  private(set) lazy var shard = Shard(
    index: 0, limits: limits, store: store, participants: self, environment: self,
    observer: self, decode: BranchReader(Settings().defaults).definition(of:))

  init(limits: Shard.Limits = Shard.Limits(Settings(), shardCount: 1)) {
    self.limits = limits
    store.sinks = [self]
  }

  /// Makes durable what is queued, and answers it.
  func settle() { store.settle() }

  /// Lets the time pass for which the shard waits; how long that was, in milliseconds.
  func pass() -> Int64 {
    guard let wakeAt else { return 0 }
    let wait = (wakeAt - now).milliseconds
    sinceBegin += wait
    shard.wake()
    return wait
  }

  func execute(
    _ branches: [CaravanV1.Branch], goal: Waiter.Goal, reply: @escaping (RequestOutcome) -> Void
  ) {
    let (new, definitions) = order(branches)
    shard.execute(new, definitions: definitions, goal: goal, reply: reply)
  }

  func begin(_ branches: [CaravanV1.Branch] = []) {
    shard.begin(order(branches).row) { _ in }
  }

  private func order(
    _ branches: [CaravanV1.Branch]
  ) -> (row: NewTransaction, definitions: [BranchDefinition]) {
    let definitions = branches.compactMap(BranchReader(Settings().defaults).definition(of:))
    let row = NewTransaction(
      id: "order-1", contentHash: Array(repeating: 1, count: 32),
      deadline: now + .seconds(60), createdAt: now, owner: nil,
      point: PointRecord(state: .active), branches: definitions.map(\.record))
    return (row, definitions)
  }

  // MARK: seams

  func completed(_ answers: [(ticket: UInt64, answer: Answer)]) { shard.completed(answers) }
  func call(_ call: OutgoingCall, for shard: Shard) { called.append(call) }
  var now: Instant { store.now + .milliseconds(sinceBegin) }
  func noise() -> UInt64 { 0 }
  func wake(at: Instant, shard: Shard) { wakeAt = at }

  func began(_ transaction: LiveTransaction) {}
  func reached(_ point: Transaction.Point, _ transaction: LiveTransaction) {}
  func called(_ call: OutgoingCall) {}
  func replied(_ ticket: CallTicket, _ report: CallReport) {}
  func left(_ transaction: LiveTransaction) {}
  func deposed(_ transaction: LiveTransaction) {}
  func writeFailed(_ transaction: LiveTransaction, _ reason: String) {}
  func unreadable(_ stored: StoredTransaction, branch: String) {}
}
