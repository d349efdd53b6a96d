import Mode
import Store

/// Start, Commit and Rollback.
extension Shard {
  /// The three requests that move a transaction.
  enum Verb: Equatable {
    case start
    case commit
    case rollback(text: String)

    var event: Transaction.Event {
      switch self {
      case .start: .start
      case .commit: .commit
      case .rollback: .rollback
      }
    }
  }

  /// Starts, commits or rolls back, and answers once `goal` is reached.
  func request(
    _ verb: Verb, id: String, goal: Waiter.Goal, reply: @escaping (RequestOutcome) -> Void
  ) {
    defer { rearm() }
    if let transaction = live[id] {
      return request(verb, of: transaction, goal: goal, reply: reply)
    }
    inTurn(id, fail: { reply(.failure($0)) }) { [self] in
      if let transaction = live[id] {
        endTurn(id)
        return request(verb, of: transaction, goal: goal, reply: reply)
      }
      take(id, verb, goal, reply)
    }
  }

  /// The request as an event of a live transaction.
  func request(
    _ verb: Verb, of transaction: LiveTransaction, goal: Waiter.Goal,
    reply: @escaping (RequestOutcome) -> Void
  ) {
    var text = ""
    if case .rollback(let words) = verb { text = words }
    let event = LiveTransaction.Pending(event: verb.event, text: text) {
      [self] transaction, outcome in
      switch outcome {
      case .accepted:
        transaction.waiters.append(Waiter(goal: goal, reply: reply))
      case .dropped(let error):
        reply(.failure(error))
      case .illegal(let error):
        let view = transaction.view
        if joinsRollback(verb, view.stored) {
          transaction.waiters.append(Waiter(goal: goal, reply: reply))
        } else if case .decidedOtherwise = error.code {
          reply(.failure(.wrongState(view)))
        } else {
          reply(.failure(requestError(error, transaction.definitions)))
        }
      }
    }
    process(transaction, event)
    rearm()
  }

  /// A transaction that rolls back answers Commit and Start with the reason, but for one whose
  /// caller asked for the rollback and never for this: that is a contradiction.
  private func joinsRollback(_ verb: Verb, _ stored: StoredTransaction) -> Bool {
    guard let reason = stored.point.reason else { return false }
    switch verb {
    case .rollback: return true
    case .commit: return reason.cause != .requested || stored.intent == .commit
    case .start: return reason.cause != .requested || stored.intent != nil
    }
  }

  // MARK: A transaction that nobody drives

  /// Takes a transaction up, in its turn.
  private func take(
    _ id: String, _ verb: Verb, _ goal: Waiter.Goal,
    _ reply: @escaping (RequestOutcome) -> Void
  ) {
    guard let incarnation = canTakeOn(id, reply) else { return }
    let takeVerb: Take.Verb =
      switch verb {
      case .commit: .commit
      case .start: .start
      case .rollback(let text): .rollback(.requested(text))
      }
    submitTake(Take(id: id, verb: takeVerb, owner: incarnation), verb, goal, reply)
  }

  private func submitTake(
    _ take: Take, _ verb: Verb, _ goal: Waiter.Goal, _ reply: ((RequestOutcome) -> Void)?
  ) {
    let queued = submitTake(take) { [self] answer in
      switch answer {
      case .taken(let row):
        let waiter = reply.map { Waiter(goal: goal, reply: $0) }
        if load(row, sameLife: true, driverGoneAt: environment.now, waiter: waiter) == nil {
          reply?(.failure(.unavailable("the transaction cannot be driven here; ask again")))
        }
        endTurn(take.id)
      case .untaken(let row):
        untaken(row, verb, take, goal, reply)
      case .absent:
        endTurn(take.id)
        reply?(.failure(.notFound))
      case .failed(let reason):
        // It may have taken effect, and then nobody else drives it: only an answer lets go of it.
        reply?(.failure(.unavailable(reason)))
        failQueue(take.id, .unavailable(reason))
        retake(take, verb, goal)
      }
    }
    if queued { return }
    if let reply {
      endTurn(take.id)
      reply(.failure(.overloaded))
    } else {
      retake(take, verb, goal)
    }
  }

  private func retake(_ take: Take, _ verb: Verb, _ goal: Waiter.Goal) {
    guard environment.incarnation == take.owner else { return endTurn(take.id) }
    later(environment.now + limits.rewriteDelay) { [self] in
      submitTake(take, verb, goal, nil)
    }
  }

  /// The row as it is says what to answer.
  private func untaken(
    _ row: StoredTransaction, _ verb: Verb, _ take: Take, _ goal: Waiter.Goal,
    _ reply: ((RequestOutcome) -> Void)?
  ) {
    guard row.point.state == .active, row.owner == nil else {
      // Before the turn ends: nobody else may load it from an older row.
      if let reply { self.answer(verb, from: row, goal: goal, reply: reply) }
      endTurn(row.id)
      // Taken by an earlier try whose answer was lost.
      if row.owner == environment.incarnation, !row.point.state.hasEnded {
        resume(id: row.id, driverGoneAt: environment.now)
      }
      return
    }
    let definitions = row.branches.compactMap(decode)
    do {
      try definitions.map(\.plan).checkForwardRecovery()
    } catch {
      endTurn(row.id)
      reply?(.failure(requestError(IllegalEvent(.plan(error), in: .active), definitions)))
      return
    }
    // Only the deadline is left as the reason: it decides.
    submitTake(
      Take(id: row.id, verb: .rollback(.deadline), owner: take.owner), verb, goal, reply)
  }

  /// Answers from a row that is not live here.
  func answer(
    _ verb: Verb, from row: StoredTransaction, goal: Waiter.Goal,
    reply: @escaping (RequestOutcome) -> Void
  ) {
    if let transaction = live[row.id] {
      return request(verb, of: transaction, goal: goal, reply: reply)
    }
    let view = TransactionView(stored: row, calling: [])
    switch row.point.state {
    case .committed:
      if case .rollback = verb { return reply(.failure(.wrongState(view))) }
      return reply(.success(view))
    case .rolledBack:
      return reply(joinsRollback(verb, row) ? .success(view) : .failure(.wrongState(view)))
    case .active, .executing, .prepared, .committing, .rollingBack: break
    }
    guard row.owner == environment.incarnation else {
      let owner = row.owner.map { "incarnation \($0)" } ?? "nobody yet"
      return reply(.failure(.unavailable("the transaction is driven by \(owner); ask again")))
    }
    // Ours, but out of memory: it was parked.
    let sameLife = row.writtenBy == row.owner
    guard let transaction = load(row, sameLife: sameLife, driverGoneAt: environment.now) else {
      return reply(.failure(.unavailable("the transaction cannot be read; ask an operator")))
    }
    request(verb, of: transaction, goal: goal, reply: reply)
  }

  func requestError(_ error: IllegalEvent, _ definitions: [BranchDefinition]) -> RequestError {
    switch error.code {
    case .plan(let plan):
      switch plan {
      case .mustSucceedNotAbove(let branch, _, _):
        return .plan(plan, branch: definitions[branch].id)
      }
    case .decidedOtherwise, .nothingOwed:
      return .unavailable("the transaction has just moved on; ask again")
    }
  }
}
