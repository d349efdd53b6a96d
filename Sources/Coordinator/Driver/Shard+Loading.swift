import Mode
import Store

/// Transactions that come back from the store.
extension Shard {
  /// Goes on with a row that this node has taken, or that is due.
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
    live[row.id] = transaction
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
      machine: machine)
    transaction.restore(from: row)
    return transaction
  }
}
