import Mode
import Store

/// Events, points and effects of live transactions.
extension Shard {
  /// Applies an event, or keeps it until the write under way is answered.
  func process(_ transaction: LiveTransaction, _ event: LiveTransaction.Pending) {
    guard transaction.isLive else {
      event.reply?(
        transaction, .dropped(.unavailable("the transaction is not driven here any more")))
      return
    }
    guard transaction.writing == nil else {
      // Whatever is due is found again once the write is answered.
      if event.event != .timer { transaction.pending.append(event) }
      return
    }
    apply(event, to: transaction, at: moment)
    settle(transaction)
  }

  private func apply(
    _ event: LiveTransaction.Pending, to transaction: LiveTransaction, at moment: Moment
  ) {
    var next = transaction.machine
    let step: Transaction.Step
    do {
      step = try next.apply(event.event, at: moment)
    } catch {
      event.reply?(transaction, .illegal(error))
      return
    }
    if let report = event.report { keep(report, of: event.event, in: transaction) }
    putIntoWords(next, event, transaction)
    guard let point = step.durable else {
      let changed = !watchers.isEmpty && next != transaction.machine
      transaction.machine = next
      event.reply?(transaction, .accepted)
      perform(step.effects, of: transaction)
      if changed { tellWatchers(of: transaction) }
      return
    }
    let ended = next.state.hasEnded ? moment.now : nil
    // What callers are told is what the store keeps: a repeat gets the same answer.
    transaction.endedAt = ended
    let update = Update(
      id: transaction.id, owner: transaction.owner, fence: transaction.fence,
      from: transaction.machine.state,
      point: point == .accepted
        ? transaction.acceptedRecord(of: next)
        : transaction.pointRecord(of: next, endedAt: ended),
      needsDeadlineAhead: event.event == .commit && next.reason == nil,
      notes: transaction.notes)
    transaction.notes = []
    transaction.writing = LiveTransaction.Writing(
      next: next, step: step, write: .update(update), event: event)
    write(transaction)
  }

  /// Submits the write under way; a queue that is full is asked again.
  private func write(_ transaction: LiveTransaction) {
    guard let writing = transaction.writing else { return }
    if !submitUpdate(writing.write, of: transaction) {
      rewrite(transaction, after: limits.rewriteDelay)
    }
  }

  private func rewrite(_ transaction: LiveTransaction, after delay: Span) {
    later(environment.now + delay) {
      [weak self, weak transaction] in
      guard let self, let transaction, transaction.isLive else { return }
      self.write(transaction)
    }
  }

  /// The write under way is answered.
  func written(_ transaction: LiveTransaction, _ answer: UpdateAnswer) {
    guard transaction.isLive, let writing = transaction.writing else { return }
    switch answer {
    case .applied:
      transaction.writing = nil
      accept(writing, of: transaction)
    case .deadlinePassed:
      transaction.writing = nil
      if let event = writing.event { transaction.pending.insert(event, at: 0) }
      let now = max(environment.now, transaction.machine.deadline)
      apply(
        LiveTransaction.Pending(event: .timer), to: transaction,
        at: Moment(now: now, noise: environment.noise()))
      drain(transaction)
      settle(transaction)
    case .deposed:
      drop(transaction)
    case .failed(let reason):
      observer.writeFailed(transaction, reason)
      tellUnavailable(transaction, reason)
      let longer = limits.rewriteDelay.milliseconds << min(writing.failures, 16)
      writing.failures += 1
      rewrite(
        transaction,
        after: Span(milliseconds: min(longer, limits.rewriteDelayMax.milliseconds)))
    }
  }

  /// The write is durable: what it says is true, and its effects may be seen.
  private func accept(_ writing: LiveTransaction.Writing, of transaction: LiveTransaction) {
    let undecided = !transaction.machine.state.isDecided
    transaction.machine = writing.next
    if case .executing(let intent) = writing.next.state { transaction.intent = intent }
    if let event = writing.event, event.event == .commit, undecided, writing.next.reason == nil {
      transaction.intent = .commit
    }
    advance(transaction, by: writing.step, of: writing)
  }

  /// A step is durable: its effects go out, what has waited for it goes on.
  ///
  /// - Parameter writing: the write that made it so; nil: the one that made the transaction live
  func advance(
    _ transaction: LiveTransaction, by step: Transaction.Step,
    of writing: LiveTransaction.Writing? = nil
  ) {
    if let point = step.durable { observer.reached(point, transaction) }
    writing?.event?.reply?(transaction, .accepted)
    perform(step.effects, of: transaction)
    let parks = writing?.parks ?? false
    if !parks { tellWatchers(of: transaction) }
    drain(transaction)
    if parks, isIdle(transaction) { return leave(transaction) }
    settle(transaction)
  }

  /// Applies what has waited, up to the next write.
  private func drain(_ transaction: LiveTransaction) {
    while transaction.writing == nil, !transaction.pending.isEmpty, transaction.isLive {
      apply(transaction.pending.removeFirst(), to: transaction, at: moment)
    }
  }

  /// After an event: who waited is told, the timer is set, a transaction with nothing near leaves
  /// memory.
  func settle(_ transaction: LiveTransaction) {
    guard transaction.isLive else { return }
    // Whoever is told may ask again at once.
    if transaction.machine.state.hasEnded { leave(transaction) }
    tellWaiters(of: transaction)
    // What is due while a write is under way is looked for once that is answered.
    guard transaction.isLive, transaction.writing == nil else { return }
    let next = transaction.machine.nextDue
    due.set(transaction, due: next)
    guard isIdle(transaction), transaction.machine.isQuiet else { return }
    let now = environment.now
    if next.map({ now + limits.parkAfter < $0 }) ?? true {
      park(transaction, until: next ?? now + Shard.pausedPark)
    }
  }

  /// From here on the shard drives it.
  func insertLive(_ transaction: LiveTransaction) {
    live[transaction.id] = transaction
    transaction.isLive = true
  }

  private func removeLive(_ transaction: LiveTransaction) {
    due.remove(transaction)
    live[transaction.id] = nil
    transaction.isLive = false
  }

  private func leave(_ transaction: LiveTransaction) {
    removeLive(transaction)
    observer.left(transaction)
  }

  /// How long a paused transaction that has no deadline any more stays out of memory before it is
  /// looked at again.
  private static let pausedPark = Span.seconds(24 * 3_600)

  /// Nobody waits for it or watches it.
  private func isIdle(_ transaction: LiveTransaction) -> Bool {
    transaction.waiters.isEmpty && transaction.pending.isEmpty
      && transaction.writing == nil && (watchers.isEmpty || watchers[transaction.id] == nil)
  }

  private func park(_ transaction: LiveTransaction, until next: Instant) {
    let update = Update(
      id: transaction.id, owner: transaction.owner, fence: transaction.fence,
      from: transaction.machine.state,
      point: transaction.pointRecord(of: transaction.machine, due: next),
      notes: transaction.notes)
    transaction.notes = []
    transaction.writing = LiveTransaction.Writing(
      next: transaction.machine, step: .nothing, write: .update(update), parks: true)
    due.set(transaction, due: nil)
    write(transaction)
  }

  // MARK: Those who wait

  private func tellWaiters(of transaction: LiveTransaction) {
    guard !transaction.waiters.isEmpty else { return }
    let machine = transaction.machine
    let satisfied = transaction.waiters.filter { $0.isSatisfied(by: machine) }
    guard !satisfied.isEmpty else { return }
    if satisfied.count == transaction.waiters.count {
      transaction.waiters = []
    } else {
      transaction.waiters.removeAll { $0.isSatisfied(by: machine) }
    }
    let view = transaction.view
    for waiter in satisfied { waiter.reply(.success(view)) }
  }

  /// The database does not answer: callers are told to ask again, the transaction keeps trying.
  private func tellUnavailable(_ transaction: LiveTransaction, _ reason: String) {
    let error = RequestError.unavailable(reason)
    let waiters = transaction.waiters
    transaction.waiters = []
    for waiter in waiters { waiter.reply(.failure(error)) }
    transaction.writing?.event?.reply?(transaction, .dropped(error))
    transaction.writing?.event?.reply = nil
    let requests = transaction.pending.filter { $0.reply != nil }
    transaction.pending.removeAll { $0.reply != nil }
    for request in requests { request.reply?(transaction, .dropped(error)) }
  }

  // MARK: Leaving

  /// Another node drives it.
  private func drop(_ transaction: LiveTransaction) {
    observer.deposed(transaction)
    observer.left(transaction)
    removeLive(transaction)
    fail(transaction, .unavailable("another node has taken the transaction over"))
  }
}
