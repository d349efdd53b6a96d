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
    if takeTurn(new.id) { return insert(new, definitions, goal, reply) }
    inTurn(new.id, fail: { reply(.failure($0)) }) { [self] in
      insert(new, definitions, goal, reply)
    }
  }

  /// Inserts the transaction, or joins the live one of the same id, in its turn.
  private func insert(
    _ new: NewTransaction, _ definitions: [BranchDefinition], _ goal: Waiter.Goal,
    _ reply: @escaping (RequestOutcome) -> Void
  ) {
    if let transaction = live[new.id] {
      endTurn(new.id)
      if transaction.contentHash != new.contentHash {
        return reply(.failure(.alreadyExists(transaction.view)))
      }
      return request(.commit, of: transaction, goal: goal, reply: reply)
    }
    guard let incarnation = canTakeOn(new.id, reply) else { return }
    var machine = Transaction(branches: definitions.map(\.plan), deadline: new.deadline)
    let step: Transaction.Step
    do {
      step = try machine.apply(.commit, at: moment)
    } catch {
      endTurn(new.id)
      return reply(.failure(requestError(error, definitions)))
    }
    let transaction = LiveTransaction(
      id: new.id, generation: nextGeneration(), contentHash: new.contentHash,
      createdAt: new.createdAt, owner: incarnation, fence: 1, definitions: definitions,
      branches: new.branches, completion: new.completion, machine: machine)
    transaction.intent = .commit
    if machine.reason != nil { transaction.reasonText = ReasonRecord.deadline.text }
    if machine.state.hasEnded { transaction.endedAt = environment.now }
    var row = new
    row.owner = incarnation
    row.point =
      step.durable == .accepted
      ? transaction.acceptedRecord(of: machine)
      : transaction.pointRecord(of: machine, endedAt: transaction.endedAt)
    submit(
      Insertion(row: row, transaction: transaction, step: step, goal: goal, reply: reply))
  }

  /// A new transaction on its way into the store.
  final class Insertion {
    let row: NewTransaction
    let transaction: LiveTransaction
    let step: Transaction.Step
    let goal: Waiter.Goal
    /// Nil once the caller was told to ask again.
    var reply: ((RequestOutcome) -> Void)?

    init(
      row: NewTransaction, transaction: LiveTransaction, step: Transaction.Step,
      goal: Waiter.Goal, reply: ((RequestOutcome) -> Void)?
    ) {
      self.row = row
      self.transaction = transaction
      self.step = step
      self.goal = goal
      self.reply = reply
    }
  }

  private func submit(_ insertion: Insertion) {
    if submitInsert(insertion.row, of: insertion) { return }
    guard let reply = insertion.reply else { return submitLater(insertion) }
    endTurn(insertion.row.id)
    reply(.failure(.overloaded))
  }

  private func submitLater(_ insertion: Insertion) {
    later(environment.now + limits.rewriteDelay) { [self] in submit(insertion) }
  }

  /// The insert is answered; the turn is still its own.
  func inserted(_ insertion: Insertion, _ answer: InsertAnswer) {
    let id = insertion.row.id
    switch answer {
    case .inserted:
      guard environment.incarnation == insertion.transaction.owner else {
        endTurn(id)
        insertion.reply?(.failure(.unavailable("this node lost its lease; ask again")))
        return
      }
      observer.began(insertion.transaction)
      adopt(insertion.transaction, insertion.step, insertion.goal, insertion.reply)
      endTurn(id)
    case .exists(let known):
      defer { endTurn(id) }
      guard let reply = insertion.reply else { return }
      if known.contentHash != insertion.row.contentHash {
        return reply(.failure(.alreadyExists(TransactionView(stored: known, calling: []))))
      }
      self.answer(.commit, from: known, goal: insertion.goal, reply: reply)
    case .failed(let reason):
      // It may have taken effect, and then nobody else drives it: only an answer lets go of it.
      insertion.reply?(.failure(.unavailable(reason)))
      insertion.reply = nil
      failQueue(id, .unavailable(reason))
      guard environment.incarnation == insertion.transaction.owner else { return endTurn(id) }
      submitLater(insertion)
    }
  }

  /// A transaction becomes live with a step that is durable already.
  func adopt(
    _ transaction: LiveTransaction, _ step: Transaction.Step, _ goal: Waiter.Goal,
    _ reply: ((RequestOutcome) -> Void)?
  ) {
    insertLive(transaction)
    if let reply { transaction.waiters.append(Waiter(goal: goal, reply: reply)) }
    advance(transaction, by: step)
  }

  /// The incarnation to drive a new transaction under; nil: it was turned away.
  func canTakeOn(
    _ id: String, _ reply: (RequestOutcome) -> Void
  ) -> Int64? {
    guard let incarnation = environment.incarnation else {
      endTurn(id)
      reply(.failure(.unavailable("this node holds no lease yet; ask again")))
      return nil
    }
    guard !isDraining else {
      endTurn(id)
      reply(.failure(.unavailable("this node is about to stop; ask again")))
      return nil
    }
    guard live.count < limits.liveMax else {
      endTurn(id)
      reply(.failure(.overloaded))
      return nil
    }
    return incarnation
  }
}
