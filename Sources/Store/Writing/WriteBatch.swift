import Mode
import Postgres

/// Writes of different transactions that go out as one SQL transaction: one statement a kind, the
/// kinds in one order, the items of each sorted by id.
struct WriteBatch {
  /// What the statements were for, in their order.
  private enum Step {
    case insert
    case insertBranches
    case lock
    case register
    case take
    case update
    case notes
    case readTaken
    case readTakenBranches
  }

  /// What came of the items, by position.
  struct Outcome {
    /// Items whose answer is known.
    var answers: [Int: Answer] = [:]
    /// Items that changed no row: the row says why.
    var unclear: [Int] = []
  }

  let items: [QueuedWrite]
  private(set) var calls: [StatementCall] = []
  private var steps: [Step] = []

  init(_ unsorted: [QueuedWrite]) {
    items = unsorted.sorted { $0.write.id < $1.write.id }
    addInserts()
    addRegistersAndTakes()
    addUpdates()
    addTakenReads()
  }

  private mutating func add(_ step: Step, _ statement: Statement, _ arguments: [Parameter]) {
    steps.append(step)
    calls.append(StatementCall(statement: statement, arguments: arguments))
  }

  /// A statement over rows, where there are any.
  private mutating func add(_ step: Step, _ statement: Statement, _ rows: consuming RecordArray) {
    guard rows.count > 0 else { return }
    add(step, statement, [rows.parameter()])
  }

  // MARK: Statements

  private mutating func addInserts() {
    var transactions = RecordArray()
    var branches = RecordArray()
    for item in items {
      guard case .insert(let new) = item.write else { continue }
      transactions.append(new)
      if new.owner == nil { branches.append(new.branches, of: new.id, branchesMax: .max) }
    }
    add(.insert, TransactionSQL.insert, transactions)
    add(.insertBranches, BranchSQL.insert, branches)
  }

  private mutating func addRegistersAndTakes() {
    var locked = ArrayParameter<String>()
    var branches = RecordArray()
    var takes = RecordArray()
    for item in items {
      switch item.write {
      case .insert, .update:
        continue
      case .register(let id, let new, let max):
        locked.append(id)
        branches.append(new, of: id, branchesMax: max)
      case .take(let take):
        locked.append(take.id)
        takes.append(take)
      }
    }
    guard locked.count > 0 else { return }
    add(.lock, TransactionSQL.lockActive, [locked.parameter])
    add(.register, BranchSQL.register, branches)
    add(.take, TransactionSQL.take, takes)
  }

  private mutating func addUpdates() {
    var points = RecordArray()
    var notes = NoteColumns()
    for item in items {
      guard case .update(let update) = item.write else { continue }
      points.append(update)
      notes.append(update)
    }
    add(.update, TransactionSQL.update, points)
    if !notes.isEmpty { add(.notes, AttemptSQL.insert, notes.parameters) }
  }

  /// The branches are read after the statement that changed the state, never in it: that one would
  /// miss a branch whose registration it waited for.
  private mutating func addTakenReads() {
    let taken = items.compactMap { item -> String? in
      if case .take(let take) = item.write { take.id } else { nil }
    }
    guard !taken.isEmpty else { return }
    steps += [.readTaken, .readTakenBranches]
    calls += StoredRows.calls(taken)
  }

  // MARK: Answers

  /// What the committed statements say of each item.
  func outcome(_ results: [Rows]) throws(PostgresError) -> Outcome {
    var changed: Set<String> = []
    var branchCounts: [String: Int] = [:]
    var taken: Rows?
    var takenRows: StoredRows?
    for (step, rows) in zip(steps, results) {
      switch step {
      case .insert, .take, .update:
        for row in rows { changed.insert(try row.value(0)) }
      case .register:
        for row in rows {
          let id: String = try row.value(0)
          let count = Int(try row.value(1, as: Int32.self)) + 1
          branchCounts[id] = max(branchCounts[id] ?? 0, count)
        }
      case .readTaken: taken = rows
      case .readTakenBranches:
        if let taken { takenRows = try StoredRows(rows: taken, branches: rows) }
      case .insertBranches, .lock, .notes: break
      }
    }
    var outcome = Outcome()
    for (position, item) in items.enumerated() {
      let id = item.write.id
      switch item.write {
      case .insert, .update:
        if changed.contains(id) { outcome.answers[position] = .applied }
      case .register:
        outcome.answers[position] = branchCounts[id].map { .registered(branchCount: $0) }
      case .take(let take):
        let found = takenRows?.byID[id]?.transaction
        if changed.contains(id), let found {
          outcome.answers[position] = .taken(found)
        } else if case .answer(let answer) = Verdict.take(take, found: found) {
          outcome.answers[position] = answer
        }
      }
      if outcome.answers[position] == nil { outcome.unclear.append(position) }
    }
    return outcome
  }

  /// What the row, read after the batch, makes of an unclear item.
  static func verdict(on write: Write, found row: StoredRow?) -> Verdict {
    let found = row?.transaction
    return switch write {
    case .insert(let new): .insert(new, found: found)
    case .register(_, let branches, let max):
      .register(branches, branchesMax: max, found: found)
    case .take(let take): .take(take, found: found)
    case .update(let update):
      .update(update, found: found, isLate: row?.isLate ?? false)
    }
  }
}
