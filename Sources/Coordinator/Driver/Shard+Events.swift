import Mode
import Store

/// Events, points and effects of live transactions.
extension Shard {
  /// Applies an event, or keeps it until the write under way is answered.
  func process(_ transaction: LiveTransaction, _ event: LiveTransaction.Pending) {
    guard live[transaction.id] === transaction else {
      event.verdict?(.dropped(.unavailable("the transaction is not driven here any more")))
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
      event.verdict?(.illegal(error))
      return
    }
    if let report = event.report { keep(report, of: event.event, in: transaction) }
    putIntoWords(next, event, transaction)
    guard let point = step.durable else {
      let changed = next != transaction.machine
      transaction.machine = next
      event.verdict?(.accepted)
      perform(step.effects, of: transaction)
      if changed { tellWatchers(of: transaction) }
      return
    }
    let ended = next.hasEnded ? moment.now : nil
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
    guard let write = transaction.writing?.write else { return }
    let queued = submit(write) { [weak self, weak transaction] answer in
      guard let self, let transaction, self.live[transaction.id] === transaction else { return }
      self.written(transaction, answer)
    }
    if !queued { rewrite(transaction) }
  }

  private func rewrite(_ transaction: LiveTransaction) {
    later(environment.now + limits.rewriteDelay) {
      [weak self, weak transaction] in
      guard let self, let transaction, self.live[transaction.id] === transaction else { return }
      self.write(transaction)
    }
  }

  private func written(_ transaction: LiveTransaction, _ answer: Answer) {
    guard let writing = transaction.writing else { return }
    switch answer {
    case .applied:
      transaction.writing = nil
      advance(transaction, writing)
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
      rewrite(transaction)
    case .conflict, .registered, .notActive, .branchConflict, .tooManyBranches, .branchesTooLarge,
      .taken,
      .untaken, .absent, .found, .page, .swept, .joined, .renewed, .dead:
      preconditionFailure("the store answered an update with \(answer)")
    }
  }

  /// The write is durable: what it says is true, and its effects may be seen.
  func advance(_ transaction: LiveTransaction, _ writing: LiveTransaction.Writing) {
    let undecided = !transaction.machine.isDecided
    transaction.machine = writing.next
    if case .executing(let intent) = writing.next.state { transaction.intent = intent }
    if writing.event?.event == .commit, undecided, writing.next.reason == nil {
      transaction.intent = .commit
    }
    if let point = writing.step.durable { observer.reached(point, transaction) }
    writing.event?.verdict?(.accepted)
    perform(writing.step.effects, of: transaction)
    if !writing.parks { tellWatchers(of: transaction) }
    drain(transaction)
    if writing.parks, isIdle(transaction) { return leave(transaction) }
    settle(transaction)
  }

  /// Applies what has waited, up to the next write.
  private func drain(_ transaction: LiveTransaction) {
    while transaction.writing == nil, !transaction.pending.isEmpty,
      live[transaction.id] === transaction
    {
      apply(transaction.pending.removeFirst(), to: transaction, at: moment)
    }
  }

  /// After an event: who waited is told, the timer is set, a transaction with nothing near leaves memory.
  func settle(_ transaction: LiveTransaction) {
    guard live[transaction.id] === transaction else { return }
    // Whoever is told may ask again at once.
    if transaction.machine.hasEnded { leave(transaction) }
    tellWaiters(of: transaction)
    guard live[transaction.id] === transaction else { return }
    guard transaction.writing == nil else {
      due.set(transaction, due: nil)
      return
    }
    let next = transaction.machine.nextDue
    due.set(transaction, due: next)
    let now = environment.now
    if isIdle(transaction), transaction.machine.isQuiet,
      next.map({ now + limits.parkAfter < $0 }) ?? true
    {
      park(transaction, until: next ?? now + Shard.pausedPark)
    }
  }

  private func leave(_ transaction: LiveTransaction) {
    due.remove(transaction)
    live[transaction.id] = nil
    observer.left(transaction)
  }

  /// How long a paused transaction that has no deadline any more stays out of memory before it is looked at again.
  private static let pausedPark = Span.seconds(24 * 3_600)

  /// Nobody waits for it or watches it.
  private func isIdle(_ transaction: LiveTransaction) -> Bool {
    transaction.waiters.isEmpty && transaction.pending.isEmpty
      && transaction.writing == nil && watchers[transaction.id] == nil
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
    var satisfied: [Waiter] = []
    transaction.waiters.removeAll { waiter in
      guard waiter.isSatisfied(by: machine) else { return false }
      satisfied.append(waiter)
      return true
    }
    guard !satisfied.isEmpty else { return }
    let view = transaction.view
    for waiter in satisfied { waiter.reply(.success(view)) }
  }

  /// The database does not answer: callers are told to ask again, the transaction keeps trying.
  private func tellUnavailable(_ transaction: LiveTransaction, _ reason: String) {
    let error = RequestError.unavailable(reason)
    let waiters = transaction.waiters
    transaction.waiters = []
    for waiter in waiters { waiter.reply(.failure(error)) }
    transaction.writing?.event?.verdict?(.dropped(error))
    transaction.writing?.event?.verdict = nil
    let requests = transaction.pending.filter { $0.verdict != nil }
    transaction.pending.removeAll { $0.verdict != nil }
    for request in requests { request.verdict?(.dropped(error)) }
  }

  // MARK: Leaving

  /// Another node drives it.
  private func drop(_ transaction: LiveTransaction) {
    observer.deposed(transaction)
    observer.left(transaction)
    due.remove(transaction)
    live[transaction.id] = nil
    fail(transaction, .unavailable("another node has taken the transaction over"))
  }
}
