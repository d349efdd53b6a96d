import Mode
import Store

/// Drives the transactions whose ids hash to it, on one thread, synchronously.
///
/// Events come in (a request, a participant's reply, an answer of the store, the timer), the rules
/// are applied to a copy, the copy is made durable where they say so, then it is kept and its
/// effects go out through three seams: the store, the participants, the environment. Nothing in
/// here awaits, so that a simulation can replay any history.
///
/// Sendable because its thread is the only one that touches it; whoever holds it hops there.
final class Shard: @unchecked Sendable {
  /// How much a shard takes on, and for how long.
  struct Limits: Sendable {
    /// Live transactions; past it a new one is turned away.
    var liveMax: Int
    /// A transaction with nothing to do for longer than this leaves memory.
    var parkAfter: Span
    /// Requests of one id that wait for the write of another; past it they are turned away.
    var waitingPerIDMax = 1_000
    /// Branches of a transaction.
    var branchesMax: Int
    /// Bytes of replies that are kept of one transaction; a single reply is cut to size by its
    /// protocol.
    var replyBytesMax: Int
    /// Bytes of one reply that is kept.
    var oneReplyBytesMax: Int
    /// What a request may have once earlier replies are in it.
    var passing: Passing.Limits
    /// Failed attempts that a branch leaves in the store between two points.
    var notesPerBranchMax = 3
    /// Delay before a write that the store could not answer is repeated; twice as long after each
    /// further failure of the same one, since it may hold up the batches that it is part of.
    var rewriteDelay: Span = .milliseconds(250)
    var rewriteDelayMax: Span = .seconds(5)
  }

  let index: Int
  let limits: Limits
  let store: any TransactionStore
  let participants: any ParticipantCaller
  let environment: any ShardEnvironment
  let observer: any ShardObserver
  /// Reads a branch's definition back; nil where it cannot be read, which leaves the transaction
  /// alone.
  let decode: (BranchRecord) -> BranchDefinition?

  var live: [String: LiveTransaction] = [:]
  var due = DueHeap()
  /// Ids with a write of a transaction that is not live under way, and what waits behind it.
  var queues: [String: RequestQueue] = [:]
  var watchers: [String: [Watcher]] = [:]
  /// What is watched is due to be read.
  var isPolling = false
  /// What the answers of the store are for, by ticket.
  private var awaited: [UInt64: Awaited] = [:]
  private var lastTicket: UInt64 = 0
  private var lastGeneration: UInt64 = 0
  private var wakeAt: Instant?
  private var chores: [(at: Instant, run: () -> Void)] = []

  private enum Awaited {
    /// The write under way of a live transaction.
    case update(LiveTransaction)
    /// A transaction that is not live yet.
    case execute(Insertion)
    case insert((InsertAnswer) -> Void)
    case register((RegisterAnswer) -> Void)
    case take((TakeAnswer) -> Void)
    case get((GetAnswer) -> Void)
    case list((ListAnswer) -> Void)
  }
  /// No new transactions: the process is about to stop.
  var isDraining = false

  init(
    index: Int, limits: Limits, store: any TransactionStore, participants: any ParticipantCaller,
    environment: any ShardEnvironment, observer: any ShardObserver,
    decode: @escaping (BranchRecord) -> BranchDefinition?
  ) {
    self.index = index
    self.limits = limits
    self.store = store
    self.participants = participants
    self.environment = environment
    self.observer = observer
    self.decode = decode
  }

  var moment: Moment { Moment(now: environment.now, noise: environment.noise()) }

  func nextGeneration() -> UInt64 {
    lastGeneration += 1
    return lastGeneration
  }

  // MARK: The store

  /// Queues the write under way of a live transaction; false: the queue is full.
  func submitUpdate(_ write: Write, of transaction: LiveTransaction) -> Bool {
    submit(write, .update(transaction))
  }

  /// Queues the insert of a new transaction that is driven at once; false: the queue is full.
  func submitInsert(_ row: NewTransaction, of insertion: Insertion) -> Bool {
    submit(.insert(row), .execute(insertion))
  }

  /// Queues the insert of a transaction that nobody drives yet; false: the queue is full.
  func submitInsert(
    _ row: NewTransaction, answer: @escaping (InsertAnswer) -> Void
  ) -> Bool {
    submit(.insert(row), .insert(answer))
  }

  /// Queues a registration; false: the queue is full.
  func submitRegister(
    _ branches: [BranchRecord], of id: String, answer: @escaping (RegisterAnswer) -> Void
  ) -> Bool {
    submit(
      .register(id: id, branches: branches, branchesMax: limits.branchesMax), .register(answer))
  }

  /// Queues a take; false: the queue is full.
  func submitTake(_ take: Take, answer: @escaping (TakeAnswer) -> Void) -> Bool {
    submit(.take(take), .take(answer))
  }

  private func submit(_ write: Write, _ purpose: Awaited) -> Bool {
    lastTicket += 1
    awaited[lastTicket] = purpose
    if store.submit(write, ticket: lastTicket, shard: index) { return true }
    awaited[lastTicket] = nil
    return false
  }

  /// Reads a row; a full queue answers with `.failed`.
  func submitGet(_ id: String, answer: @escaping (GetAnswer) -> Void) {
    submit(.get(id: id), .get(answer))
  }

  /// Reads a page of rows; a full queue answers with `.failed`.
  func submitList(_ filter: ListFilter, answer: @escaping (ListAnswer) -> Void) {
    submit(.list(filter), .list(answer))
  }

  private func submit(_ query: Query, _ purpose: Awaited) {
    lastTicket += 1
    awaited[lastTicket] = purpose
    if store.submit(query, ticket: lastTicket, shard: index) { return }
    awaited[lastTicket] = nil
    take(query.failed("the queue of the store is full"), for: purpose)
  }

  /// Takes what the store has answered.
  func completed(_ batch: [(ticket: UInt64, answer: Answer)]) {
    for (ticket, answer) in batch {
      if let purpose = awaited.removeValue(forKey: ticket) { take(answer, for: purpose) }
    }
    rearm()
  }

  private func take(_ answer: Answer, for purpose: Awaited) {
    switch purpose {
    case .update(let transaction): written(transaction, answer.toUpdate)
    case .execute(let insertion): inserted(insertion, answer.toInsert)
    case .insert(let tell): tell(answer.toInsert)
    case .register(let tell): tell(answer.toRegister)
    case .take(let tell): tell(answer.toTake)
    case .get(let tell): tell(answer.toGet)
    case .list(let tell): tell(answer.toList)
    }
  }

  // MARK: Time

  /// Something is due.
  func wake() {
    wakeAt = nil
    let now = environment.now
    let dueChores = chores.filter { $0.at <= now }
    chores.removeAll { $0.at <= now }
    for chore in dueChores { chore.run() }
    while let next = due.first, next.due <= now {
      due.remove(next)
      process(next, LiveTransaction.Pending(event: .timer))
    }
    rearm()
  }

  /// Runs `chore` then; for the few things that are not a transaction's own timer.
  func later(_ at: Instant, _ chore: @escaping () -> Void) {
    chores.append((at, chore))
  }

  /// Sees to it that the timer wakes for what is due first.
  ///
  /// It is only ever moved to an earlier time: most of what it is set for is over before it is due,
  /// and to wake for nothing now and then costs less than to set it anew for each transaction that
  /// ends.
  func rearm() {
    var first = due.first?.due
    for chore in chores { first = min(first ?? chore.at, chore.at) }
    guard let first else { return }
    if let wakeAt, wakeAt <= first { return }
    wakeAt = first
    environment.wake(at: first, shard: self)
  }

  // MARK: The lease

  /// The lease is lost: whoever takes the transactions over drives them; callers are told to ask
  /// again.
  func dropEverything() {
    let dropped = live
    live = [:]
    due = DueHeap()
    for transaction in dropped.values {
      transaction.heapIndex = -1
      transaction.isLive = false
      observer.left(transaction)
      fail(transaction, .unavailable("this node lost its lease; the transaction goes on elsewhere"))
    }
    rearm()
  }

  /// Tells all who wait for a transaction that they will not learn its end here.
  func fail(_ transaction: LiveTransaction, _ error: RequestError) {
    let waiters = transaction.waiters
    transaction.waiters = []
    for waiter in waiters { waiter.reply(.failure(error)) }
    let pending = transaction.pending
    transaction.pending = []
    for event in pending { event.reply?(transaction, .dropped(error)) }
    transaction.writing?.event?.reply?(transaction, .dropped(error))
    transaction.writing = nil
  }
}

/// Is told what happens, for logs and metrics; decides nothing.
protocol ShardObserver: AnyObject {
  func began(_ transaction: LiveTransaction)
  func reached(_ point: Transaction.Point, _ transaction: LiveTransaction)
  func called(_ call: OutgoingCall)
  func replied(_ ticket: CallTicket, _ report: CallReport)
  func left(_ transaction: LiveTransaction)
  func deposed(_ transaction: LiveTransaction)
  func writeFailed(_ transaction: LiveTransaction, _ reason: String)
  func unreadable(_ stored: StoredTransaction, branch: String)
}
