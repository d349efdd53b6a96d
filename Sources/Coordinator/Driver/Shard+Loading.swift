import Mode
import Store

/// Transactions that come back from the store.
extension Shard {
  /// Goes on with a transaction that this node has taken over, or that is due.
  ///
  /// The page that named it may be old by now: a caller may have asked for the transaction
  /// meanwhile, and it may have gone on, and even ended. So it is read while nothing else of it is
  /// under way.
  func resume(id: String, driverGoneAt: Instant) {
    if let transaction = live[id] {
      // It is on its way out of memory, and the row does not say any more when it is due: it stays.
      transaction.writing?.parks = false
      return
    }
    guard let incarnation = environment.incarnation else { return }
    let again: () -> Void = { [self] in
      guard environment.incarnation == incarnation else { return }
      later(environment.now + limits.rewriteDelay) { [self] in
        resume(id: id, driverGoneAt: driverGoneAt)
      }
      rearm()
    }
    inTurn(id, fail: { _ in again() }) { [self] in
      if live[id] != nil {
        endTurn(id)
        return resume(id: id, driverGoneAt: driverGoneAt)
      }
      submitGet(id) { [self] answer in
        switch answer {
        case .found(let row):
          if !row.point.state.hasEnded {
            let sameLife = row.writtenBy == row.owner
            load(row, sameLife: sameLife, driverGoneAt: max(driverGoneAt, environment.now))
          }
          endTurn(id)
        case .absent:
          endTurn(id)
        case .failed:
          endTurn(id)
          again()
        }
      }
    }
  }

  /// Goes on with a row; nothing else of the transaction is under way.
  ///
  /// - Parameters:
  ///   - sameLife: this life wrote the row and nobody drove the transaction since
  ///   - driverGoneAt: the time since when nobody else makes its calls
  @discardableResult
  func load(
    _ row: StoredTransaction, sameLife: Bool, driverGoneAt: Instant, waiter: Waiter? = nil
  ) -> LiveTransaction? {
    if let transaction = live[row.id] { return transaction }
    guard row.owner == environment.incarnation,
      let transaction = revive(row, sameLife: sameLife, driverGoneAt: driverGoneAt)
    else { return nil }
    insertLive(transaction)
    if let waiter { transaction.waiters.append(waiter) }
    observer.began(transaction)
    process(transaction, LiveTransaction.Pending(event: .timer))
    rearm()
    return transaction
  }

  /// The live transaction that a row stands for; nil where a branch cannot be read.
  func revive(
    _ row: StoredTransaction, sameLife: Bool, driverGoneAt: Instant
  ) -> LiveTransaction? {
    guard let owner = row.owner else { return nil }
    var definitions: [BranchDefinition] = []
    for branch in row.branches {
      guard let definition = decode(branch) else {
        observer.unreadable(row, branch: branch.id)
        return nil
      }
      definitions.append(definition)
    }
    let machine = Transaction(
      restoring: row.point.state, branches: definitions.map(\.plan),
      progress: row.point.outcomes.map { outcome in
        var progress = BranchProgress()
        progress.phaseOne = outcome.phaseOne
        progress.phaseTwo = outcome.phaseTwo
        progress.attempts = outcome.attempts
        progress.landsUntil = outcome.landsUntil
        if let next = outcome.nextAt { progress.activity = .waiting(until: next) }
        return progress
      },
      deadline: row.deadline,
      reason: row.point.reason.map {
        Transaction.RollbackReason(cause: $0.cause, branch: $0.branch)
      },
      attention: row.point.attention.map {
        Transaction.Attention(cause: $0.cause, branch: $0.branch)
      },
      paused: row.point.paused, sameLife: sameLife, driverGoneAt: driverGoneAt)
    let transaction = LiveTransaction(
      id: row.id, generation: nextGeneration(), contentHash: row.contentHash,
      createdAt: row.createdAt, owner: owner, fence: row.fence, definitions: definitions,
      branches: row.branches, completion: row.completion?.definition, machine: machine)
    transaction.restore(from: row)
    return transaction
  }
}
