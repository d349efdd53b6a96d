package import Mode
package import Store

/// The tables of the in-memory store, with the conditions that PostgreSQL's statements carry: a
/// value that answers at once, for whoever queues, batches and loses answers by itself.
package struct Tables: Sendable {
  struct Coordinator: Equatable, Sendable {
    var lease: Instant
    var isDead: Bool
  }

  var transactions: [String: StoredTransaction] = [:]
  var notes: [String: [AttemptNote]] = [:]
  var coordinators: [Int64: Coordinator] = [:]
  var lastIncarnation: Int64 = 0

  package init() {}

  /// The row with its branches.
  package func row(_ id: String) -> StoredTransaction? { transactions[id] }

  /// The ids of all rows, in order.
  package var ids: [String] { transactions.keys.sorted() }

  // MARK: Writes

  /// What the write comes to in a batch that commits at `now`; a repeated write is judged by the
  /// row as every store does.
  package mutating func perform(_ write: Write, at now: Instant) -> Answer {
    if let objection = write.objection { return write.failed(objection) }
    return switch write {
    case .insert(let new): .insert(insert(new))
    case .register(let id, let branches, let max):
      .register(register(id, branches, branchesMax: max))
    case .take(let take): .take(self.take(take, at: now))
    case .update(let update): .update(self.update(update, at: now))
    }
  }

  private mutating func insert(_ new: NewTransaction) -> InsertAnswer {
    var row = new.stored
    row.point.clean()
    // PostgreSQL looks for the id after it has checked the row.
    if let constraint = row.brokenConstraint {
      return .failed("the row violates \(constraint)")
    }
    if let found = transactions[new.id] {
      return RowVerdict.insert(new, found: found).answer ?? .failed(Self.contradiction)
    }
    return store(row).map { .failed($0) } ?? .inserted
  }

  private mutating func register(
    _ id: String, _ branches: [BranchRecord], branchesMax: Int
  ) -> RegisterAnswer {
    if let constraint = branches.brokenConstraint {
      return .failed("the row violates \(constraint)")
    }
    guard var row = transactions[id] else { return .absent }
    let judged = RowVerdict.register(branches, branchesMax: branchesMax, found: row)
    if let answer = judged.answer { return answer }
    row.branches += branches.missing(from: row.branches)
    row.branchCount = row.branches.count
    return store(row).map { .failed($0) } ?? .registered(branchCount: row.branchCount)
  }

  private mutating func take(_ take: Take, at now: Instant) -> TakeAnswer {
    guard var row = transactions[take.id] else { return .absent }
    var isAllowed = row.point.state == .active && row.owner == nil
    if take.reason == nil {
      isAllowed = isAllowed && row.deadline > now && row.branches.mustSucceedStandsAbove
    }
    guard isAllowed else {
      return RowVerdict.take(take, found: row).answer ?? .failed(Self.contradiction)
    }
    row.point.state = take.state
    row.point.reason = take.reason
    row.point.clean()
    row.intent = take.state.intent ?? row.intent
    row.owner = take.owner
    row.writtenBy = take.owner
    row.fence += 1
    return store(row).map { .failed($0) } ?? .taken(row)
  }

  private mutating func update(_ update: Update, at now: Instant) -> UpdateAnswer {
    guard var row = transactions[update.id], row.owner == update.owner,
      row.fence == update.fence, row.point.state == update.from, update.keepsDirection,
      !update.needsDeadlineAhead || row.deadline > now
    else {
      let row = transactions[update.id]
      let isLate = row.map { $0.deadline <= now } ?? false
      return RowVerdict.update(update, found: row, isLate: isLate).answer
        ?? .failed(Self.contradiction)
    }
    let old = row.point
    row.point = update.point
    row.point.clean()
    if update.point.reason == nil { row.point.reason = old.reason }
    if update.point.outcomes.isEmpty { row.point.outcomes = old.outcomes }
    row.intent = update.point.state.intent ?? row.intent
    row.writtenBy = update.owner
    row.completion?.due = update.point.endedAt
    if let failure = store(row) { return .failed(failure) }
    keep(update.notes, of: update.id)
    return .applied
  }

  private mutating func keep(_ new: [AttemptNote], of id: String) {
    for note in new {
      let count = notes[id, default: []].count { $0.branch == note.branch }
      guard count < Int(AttemptSQL.notesPerBranchMax) else { continue }
      notes[id, default: []].append(note)
    }
  }

  /// Puts the row in, or says which constraint it breaks.
  private mutating func store(_ row: StoredTransaction) -> String? {
    if let constraint = row.brokenConstraint { return "the row violates \(constraint)" }
    transactions[row.id] = row
    return nil
  }

  private static let contradiction = "the row does not take what its condition allows"
}

extension RowVerdict {
  fileprivate var answer: Answer? {
    if case .answer(let answer) = self { answer } else { nil }
  }
}

extension PointRecord {
  /// Texts as a column takes them.
  mutating func clean() {
    if let text = reason?.text { reason?.text = StoredText.clean(text) }
    if let text = attention?.text { attention?.text = StoredText.clean(text) }
    for index in outcomes.indices {
      outcomes[index].error = StoredText.clean(outcomes[index].error)
    }
  }
}
