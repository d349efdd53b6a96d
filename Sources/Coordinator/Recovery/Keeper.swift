import Mode
import Store

/// Keeps this node's membership, and brings back what nobody drives.
///
/// Membership: join, renew, and, past the lease, drop everything and join anew. Sweeps: rows of
/// dead nodes are taken over, parked rows come back when they are due, ACTIVE ones are rolled back
/// at their deadline, finished ones are removed after their retention. Synchronous like the shards,
/// with the same store; its environment is its clock and the way to the shards.
final class Keeper: @unchecked Sendable {
  struct Settings: Sendable {
    var node: String
    var address: String
    var lease: Span
    var sweepEvery: Span = .seconds(1)
    var removeEvery: Span = .seconds(10)
    /// Parked rows are brought back this long before they are due.
    var lookAhead: Span = .seconds(2)
    /// Rows of one sweep.
    var page = 200
    var retention: Span
    var idRetention: Span
  }

  /// Moves to: joining.
  private enum Membership: Equatable {
    case none
    /// The join is on its way since then. Moves to: none, held.
    case joining
    /// Until then, by the monotonic clock, nobody may declare this incarnation dead. Moves to:
    /// none.
    case held(incarnation: Int64, until: Instant)
  }

  private enum Sweep: Hashable, CaseIterable {
    case declareDead, takeOver, due, expire, remove

    /// What it does, for people.
    var words: String {
      switch self {
      case .declareDead: "looking for coordinators that are gone"
      case .takeOver: "taking transactions over"
      case .due: "looking for what is due"
      case .expire: "looking for deadlines"
      case .remove: "removing what is past its retention"
      }
    }
  }

  private let settings: Settings
  private let queries: PendingQueries
  private let environment: any KeeperEnvironment
  private var membership = Membership.none
  private var isRenewing = false
  private var renewAt = Instant(milliseconds: 0)
  private var sweepAt: [Sweep: Instant] = [:]
  private var sweeping: Set<Sweep> = []
  private var isLeaving = false

  /// - Parameter sink: the index of the keeper's own sink
  init(
    settings: Settings, store: any TransactionStore, sink: Int,
    environment: any KeeperEnvironment
  ) {
    self.settings = settings
    queries = PendingQueries(store: store, sink: sink)
    self.environment = environment
  }

  /// Takes what the store has answered.
  func completed(_ batch: [(ticket: UInt64, answer: Answer)]) {
    queries.completed(batch)
    wake()
  }

  /// Does what is due, and asks to be woken for what comes next.
  func wake() {
    guard !isLeaving else { return }
    let now = environment.monotonic
    switch membership {
    case .none:
      join()
    case .joining:
      break
    case .held(let incarnation, let until):
      if until <= now {
        lose()
        join()
      } else {
        if renewAt <= now, !isRenewing { renew(incarnation) }
        sweep(incarnation, now)
      }
    }
    environment.wakeKeeper(at: nextWake(after: environment.monotonic))
  }

  /// A clean stop: others need not wait for the end of the lease.
  func leave(_ done: @escaping () -> Void) {
    isLeaving = true
    guard case .held(let incarnation, _) = membership else { return done() }
    membership = .none
    environment.leaseLost()
    queries.submit(.leave(incarnation: incarnation)) { _ in done() }
  }

  private func nextWake(after now: Instant) -> Instant {
    guard case .held(_, let until) = membership else { return now + .milliseconds(200) }
    var next = until
    if !isRenewing { next = min(next, renewAt) }
    for kind in Sweep.allCases where !sweeping.contains(kind) {
      next = min(next, sweepAt[kind] ?? now)
    }
    return max(next, now + .milliseconds(1))
  }

  // MARK: Membership

  private func join() {
    membership = .joining
    let sentAt = environment.monotonic
    let join = LeaseQuery.join(
      node: settings.node, address: settings.address, lease: settings.lease)
    queries.submit(join) { [self] answer in
      noteFailure(of: "joining", answer)
      guard case .held(let incarnation, let databaseNow) = answer, !isLeaving else {
        membership = .none
        return
      }
      // Counted from before it was sent: the database cannot have counted from earlier.
      hold(incarnation, until: sentAt + settings.lease, databaseNow, sentAt)
      sweepAt = [:]
    }
  }

  private func renew(_ incarnation: Int64) {
    isRenewing = true
    let sentAt = environment.monotonic
    renewAt = sentAt + Span(milliseconds: settings.lease.milliseconds / 3)
    queries.submit(.renew(incarnation: incarnation, lease: settings.lease)) { [self] answer in
      isRenewing = false
      noteFailure(of: "renewing the lease", answer)
      guard case .held(incarnation, let heldUntil) = membership else { return }
      switch answer {
      case .held(_, let databaseNow) where environment.monotonic < heldUntil:
        hold(incarnation, until: sentAt + settings.lease, databaseNow, sentAt)
      case .held, .notHeld:
        // An answer that comes after the lease's end cannot prolong it: since then the shards have
        // acted as if they held none, and what they let go of nobody else would take up.
        lose()
      case .failed:
        // The database is away: the lease runs on, and the renewal is asked for again.
        renewAt = environment.monotonic + .milliseconds(200)
      }
    }
  }

  private func hold(
    _ incarnation: Int64, until: Instant, _ databaseNow: Instant, _ sentAt: Instant
  ) {
    membership = .held(incarnation: incarnation, until: until)
    if renewAt <= sentAt {
      renewAt = sentAt + Span(milliseconds: settings.lease.milliseconds / 3)
    }
    environment.leaseHeld(
      incarnation: incarnation, until: until, databaseNow: databaseNow, sentAt: sentAt)
  }

  private func noteFailure(of task: String, _ answer: LeaseAnswer) {
    if case .failed(let reason) = answer { environment.failed(task, reason) }
  }

  private func lose() {
    membership = .none
    environment.leaseLost()
  }

  // MARK: Sweeps

  private func sweep(_ incarnation: Int64, _ now: Instant) {
    for kind in Sweep.allCases where !sweeping.contains(kind) {
      guard sweepAt[kind] ?? now <= now else { continue }
      let room = environment.room
      if room <= 0, kind != .declareDead, kind != .remove {
        sweepAt[kind] = now + settings.sweepEvery
        continue
      }
      sweeping.insert(kind)
      let limit = kind == .remove ? settings.page : min(settings.page, room)
      queries.submit(query(kind, incarnation, limit)) { [self] answer in
        swept(kind, incarnation, answer, limit)
      }
    }
  }

  private func query(_ kind: Sweep, _ incarnation: Int64, _ limit: Int) -> SweepQuery {
    switch kind {
    case .declareDead: .declareDead
    case .takeOver: .takeOver(owner: incarnation, limit: limit)
    case .due:
      .due(
        owner: incarnation, before: environment.databaseNow + settings.lookAhead, limit: limit)
    case .expire: .expire(owner: incarnation, limit: limit)
    case .remove:
      .removeFinished(
        retention: settings.retention, idRetention: settings.idRetention, limit: limit)
    }
  }

  private func swept(_ kind: Sweep, _ incarnation: Int64, _ answer: SweepAnswer, _ limit: Int) {
    sweeping.remove(kind)
    if case .failed(let reason) = answer { environment.failed(kind.words, reason) }
    let now = environment.monotonic
    sweepAt[kind] = now + (kind == .remove ? settings.removeEvery : settings.sweepEvery)
    guard case .held(incarnation, _) = membership else { return }
    switch answer {
    case .page(let rows):
      hand(rows, isTakeover: kind == .takeOver)
      // A full page: there is more, and it has waited long enough.
      if rows.count >= limit { sweepAt[kind] = now }
    case .count(let count):
      if kind == .remove, count >= limit { sweepAt[kind] = now }
      // What was declared dead can be taken over at once.
      if kind == .declareDead, count > 0 { sweepAt[.takeOver] = now }
    case .failed:
      break
    }
  }

  private func hand(_ rows: [TakenRow], isTakeover: Bool) {
    let soon = environment.databaseNow + settings.lookAhead
    for taken in rows {
      // It stays parked, now ours.
      if isTakeover, let due = taken.row.point.due, soon < due { continue }
      environment.hand(
        taken.row.id, driverGoneAt: max(taken.driverGoneAt, environment.databaseNow))
    }
  }
}

/// The keeper's clock, and its way to the shards.
protocol KeeperEnvironment: AnyObject {
  /// A clock that only goes forward, from any origin.
  var monotonic: Instant { get }
  /// The database's time, as well as this node knows it.
  var databaseNow: Instant { get }
  /// Asks for `keeper.wake()` then, instead of at the time asked for before.
  func wakeKeeper(at: Instant)
  /// From now until `until` (monotonic) this node may drive transactions under this incarnation;
  /// `databaseNow` was read between `sentAt` and this call.
  func leaseHeld(incarnation: Int64, until: Instant, databaseNow: Instant, sentAt: Instant)
  /// It may not any more; every shard drops what it drives.
  func leaseLost()
  /// The store cannot do what the keeper wants of it, and will be asked again.
  func failed(_ task: String, _ reason: String)
  /// How many more live transactions the shards take.
  var room: Int { get }
  /// Gives a transaction to its shard.
  func hand(_ id: String, driverGoneAt: Instant)
}
