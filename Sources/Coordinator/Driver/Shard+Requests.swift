import Mode
import Store

/// What callers ask for before anything runs: Begin and Register.
extension Shard {
  /// Runs what needs a write of a transaction that is not live, after what is under way for the
  /// same id.
  func inTurn(
    _ id: String, fail: @escaping (RequestError) -> Void, _ run: @escaping () -> Void
  ) {
    if takeTurn(id) { return run() }
    guard let queue = queues[id], queue.waiting.count < limits.waitingPerIDMax else {
      return fail(.overloaded)
    }
    queues[id]?.waiting.append(QueuedRequest(run: run, fail: fail))
  }

  /// Takes the id's turn where nothing else of it is under way; false: it is taken.
  func takeTurn(_ id: String) -> Bool {
    if queues[id] != nil { return false }
    queues[id] = RequestQueue()
    return true
  }

  /// The write of the id is answered; the next request may go.
  ///
  /// One that needs no write ends its turn at once, from within it. That only says so: were its
  /// successor run from there, a thousand of them would be a thousand calls deep.
  func endTurn(_ id: String) {
    guard let place = queues.index(forKey: id) else { return }
    if queues.values[place].isHandingOn {
      queues.values[place].isFree = true
      return
    }
    if queues.values[place].waiting.isEmpty {
      queues.remove(at: place)
      return
    }
    handOn(id)
  }

  private func handOn(_ id: String) {
    queues[id]?.isHandingOn = true
    while queues[id]?.waiting.isEmpty == false {
      queues[id]?.isFree = false
      let next = queues[id]?.waiting.removeFirst()
      next?.run()
      if queues[id]?.isFree == false {
        queues[id]?.isHandingOn = false
        return
      }
    }
    queues[id] = nil
  }

  /// The database does not answer what the queue of the id waits for.
  func failQueue(_ id: String, _ error: RequestError) {
    let waiting = queues[id]?.waiting ?? []
    queues[id]?.waiting = []
    for request in waiting { request.fail(error) }
  }

  // MARK: Begin and Register

  /// Begins a transaction, or joins the one of the same id and content.
  func begin(_ new: NewTransaction, reply: @escaping (RequestOutcome) -> Void) {
    defer { rearm() }
    if let transaction = live[new.id] {
      return reply(join(transaction.view, hash: new.contentHash))
    }
    inTurn(new.id, fail: { reply(.failure($0)) }) { [self] in
      let queued = submitInsert(new) { [self] answer in
        endTurn(new.id)
        switch answer {
        case .inserted:
          reply(.success(TransactionView(stored: new.stored, calling: [])))
          tellWatchers(of: new.id)
        case .exists(let row):
          reply(join(TransactionView(stored: row, calling: []), hash: new.contentHash))
        case .failed(let reason):
          reply(.failure(.unavailable(reason)))
        }
      }
      if !queued {
        endTurn(new.id)
        reply(.failure(.overloaded))
      }
    }
  }

  private func join(_ view: TransactionView, hash: [UInt8]) -> RequestOutcome {
    view.stored.contentHash == hash ? .success(view) : .failure(.alreadyExists(view))
  }

  /// Adds branches, all or none.
  func register(
    id: String, branches: [BranchRecord],
    reply: @escaping (Result<Int, RequestError>) -> Void
  ) {
    defer { rearm() }
    if let transaction = live[id] {
      return reply(registerAgain(branches, in: transaction))
    }
    inTurn(id, fail: { reply(.failure($0)) }) { [self] in
      if let transaction = live[id] {
        endTurn(id)
        return reply(registerAgain(branches, in: transaction))
      }
      let queued = submitRegister(branches, of: id) { [self] answer in
        endTurn(id)
        switch answer {
        case .registered(let count):
          reply(.success(count))
          tellWatchers(of: id)
        case .absent: reply(.failure(.notFound))
        case .notActive: readThen(id) { reply($0.flatMap { .failure(.wrongState($0)) }) }
        case .branchConflict(let branch): reply(.failure(.branchConflict(branch: branch)))
        case .tooManyBranches(let count): reply(.failure(.tooManyBranches(count: count)))
        case .branchesTooLarge(let bytes): reply(.failure(.branchesTooLarge(bytes: bytes)))
        case .failed(let reason): reply(.failure(.unavailable(reason)))
        }
      }
      if !queued {
        endTurn(id)
        reply(.failure(.overloaded))
      }
    }
  }

  /// A repeated Register joins in any state; a new one needs ACTIVE, and a live transaction is past
  /// that.
  private func registerAgain(
    _ branches: [BranchRecord], in transaction: LiveTransaction
  ) -> Result<Int, RequestError> {
    for branch in branches {
      guard let known = transaction.definitions.first(where: { $0.id == branch.id }) else {
        return .failure(.wrongState(transaction.view))
      }
      if known.record != branch { return .failure(.branchConflict(branch: branch.id)) }
    }
    return .success(transaction.definitions.count)
  }
}
