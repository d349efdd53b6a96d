import Mode
import Store

/// Begin, Register and Commit in one.
extension Shard {
  // MARK: Execute

  /// Begins, registers and commits with one durable write.
  func execute(
    _ new: NewTransaction, definitions: [BranchDefinition], goal: Waiter.Goal,
    reply: @escaping (RequestOutcome) -> Void
  ) {
    defer { rearm() }
    inLane(new.id, fail: { reply(.failure($0)) }) { [self] in
      if let transaction = live[new.id] {
        leaveLane(new.id)
        if transaction.contentHash != new.contentHash {
          return reply(.failure(.alreadyExists(transaction.view)))
        }
        return request(.commit, of: transaction, goal: goal, reply: reply)
      }
      insert(new, definitions, goal, reply)
    }
  }

  private func insert(
    _ new: NewTransaction, _ definitions: [BranchDefinition], _ goal: Waiter.Goal,
    _ reply: @escaping (RequestOutcome) -> Void
  ) {
    guard let incarnation = canTakeOn(new.id, reply) else { return }
    var machine = Transaction(branches: definitions.map(\.plan), deadline: new.deadline)
    let step: Transaction.Step
    do {
      step = try machine.apply(.commit, at: moment)
    } catch {
      leaveLane(new.id)
      return reply(.failure(requestError(error, definitions)))
    }
    let transaction = LiveTransaction(
      id: new.id, generation: nextGeneration(), contentHash: new.contentHash,
      createdAt: new.createdAt, owner: incarnation, fence: 1, definitions: definitions,
      machine: machine)
    transaction.intent = .commit
    if machine.reason != nil {
      transaction.reasonText = "no decision was made by the deadline"
    }
    if machine.hasEnded { transaction.endedAt = environment.now }
    var row = new
    row.owner = incarnation
    row.point =
      step.durable == .accepted
      ? transaction.acceptedRecord(of: machine)
      : transaction.pointRecord(of: machine, endedAt: transaction.endedAt)
    submitInsert(row, transaction, step, goal, reply)
  }

  private func submitInsert(
    _ row: NewTransaction, _ transaction: LiveTransaction, _ step: Transaction.Step,
    _ goal: Waiter.Goal, _ reply: ((RequestOutcome) -> Void)?
  ) {
    let queued = submit(.insert(row)) { [self] answer in
      switch answer {
      case .applied:
        guard environment.incarnation == transaction.owner else {
          leaveLane(row.id)
          reply?(.failure(.unavailable("this node lost its lease; ask again")))
          return
        }
        observer.began(transaction)
        adopt(transaction, step, goal, reply)
        leaveLane(row.id)
      case .conflict(let known):
        defer { leaveLane(row.id) }
        guard let reply else { return }
        let view = TransactionView(stored: known, calling: [])
        if known.contentHash != row.contentHash {
          return reply(.failure(.alreadyExists(view)))
        }
        self.answer(.commit, from: known, goal: goal, reply: reply)
      case .failed(let reason):
        // It may have taken effect, and then nobody else drives it: only an answer lets go of it.
        reply?(.failure(.unavailable(reason)))
        failLane(row.id, .unavailable(reason))
        guard environment.incarnation == transaction.owner else { return leaveLane(row.id) }
        later(environment.now + limits.rewriteDelay) { [self] in
          submitInsert(row, transaction, step, goal, nil)
        }
      case .registered, .notActive, .branchConflict, .tooManyBranches, .branchesTooLarge, .taken,
        .untaken,
        .deadlinePassed, .deposed, .absent, .found, .page, .swept, .joined, .renewed, .dead:
        preconditionFailure("the store answered an insert with \(answer)")
      }
    }
    if queued { return }
    if let reply {
      leaveLane(row.id)
      reply(.failure(.overloaded))
    } else {
      later(environment.now + limits.rewriteDelay) { [self] in
        submitInsert(row, transaction, step, goal, nil)
      }
    }
  }

  /// A transaction becomes live with a step that is durable already.
  func adopt(
    _ transaction: LiveTransaction, _ step: Transaction.Step, _ goal: Waiter.Goal,
    _ reply: ((RequestOutcome) -> Void)?
  ) {
    live[transaction.id] = transaction
    if let reply { transaction.waiters.append(Waiter(goal: goal, reply: reply)) }
    advance(transaction, LiveTransaction.Writing(next: transaction.machine, step: step))
  }

  /// The incarnation to drive a new transaction under; nil: it was turned away.
  func canTakeOn(
    _ id: String, _ reply: (RequestOutcome) -> Void
  ) -> Int64? {
    guard let incarnation = environment.incarnation else {
      leaveLane(id)
      reply(.failure(.unavailable("this node holds no lease yet; ask again")))
      return nil
    }
    guard !isDraining else {
      leaveLane(id)
      reply(.failure(.unavailable("this node is about to stop; ask again")))
      return nil
    }
    guard live.count < limits.liveMax else {
      leaveLane(id)
      reply(.failure(.overloaded))
      return nil
    }
    return incarnation
  }
}
