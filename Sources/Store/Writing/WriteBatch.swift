import Mode
import Postgres

/// Writes of different transactions that go out as one SQL transaction: one statement a kind, the
/// kinds in one order, the items of each sorted by id.
struct WriteBatch {
  /// What the statements were for, in their order.
  private enum Step {
    /// With the number of rows.
    case insert(Int)
    case register
    case take
    /// With the number of rows.
    case update(Int)
    case notes
  }

  /// What came of the items.
  struct Outcome {
    /// Those whose answer is known.
    var answers: [(item: QueuedWrite, answer: Answer)] = []
    /// Those that changed no row: the row says why.
    var unclear: [QueuedWrite] = []
  }

  let items: [QueuedWrite]
  private(set) var calls: [StatementCall] = []
  private var steps: [Step] = []

  init(_ unsorted: [QueuedWrite]) {
    items = unsorted.sorted { $0.write.id < $1.write.id }
    addInserts()
    addRegistersAndTakes()
    addUpdates()
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
    for item in items {
      if case .insert(let new) = item.write { transactions.append(new) }
    }
    add(.insert(transactions.count), TransactionSQL.insert, transactions)
  }

  private mutating func addRegistersAndTakes() {
    var branches = RecordArray()
    var takes = RecordArray()
    for item in items {
      switch item.write {
      case .insert, .update: break
      case .register(let id, let new, let max): branches.append(new, of: id, countMax: max)
      case .take(let take): takes.append(take)
      }
    }
    add(.register, TransactionSQL.register, branches)
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
    add(.update(points.count), TransactionSQL.update, points)
    if !notes.isEmpty { add(.notes, AttemptSQL.insert, notes.parameters) }
  }

  // MARK: Answers

  /// What the committed statements say of each item.
  func outcome(_ results: [Rows]) throws(PostgresError) -> Outcome {
    var applied: Set<String> = []
    var areAllApplied = (inserts: false, updates: false)
    var branchCounts: [String: Int] = [:]
    var taken: [String: StoredTransaction] = [:]
    for (step, rows) in zip(steps, results) {
      switch step {
      // Which ones is asked only where one is missing.
      case .insert(rows.count): areAllApplied.inserts = true
      case .update(rows.count): areAllApplied.updates = true
      case .insert, .update:
        for row in rows { applied.insert(try row.value(0)) }
      case .register:
        for row in rows { branchCounts[try row.value(0)] = Int(try row.value(1, as: Int32.self)) }
      case .take:
        for row in rows {
          let found = try StoredRow(whole: row).transaction
          taken[found.id] = found
        }
      case .notes: break
      }
    }
    var outcome = Outcome()
    for item in items {
      let id = item.write.id
      let answer: Answer? =
        switch item.write {
        case .insert: areAllApplied.inserts || applied.contains(id) ? .insert(.inserted) : nil
        case .update: areAllApplied.updates || applied.contains(id) ? .update(.applied) : nil
        case .register: branchCounts[id].map { .register(.registered(branchCount: $0)) }
        case .take: taken[id].map { .take(.taken($0)) }
        }
      if let answer {
        outcome.answers.append((item, answer))
      } else {
        outcome.unclear.append(item)
      }
    }
    return outcome
  }

  /// What the row, read after the batch, makes of an unclear item.
  static func verdict(on write: Write, found row: StoredRow?) -> RowVerdict<Answer> {
    let found = row?.transaction
    return switch write {
    case .insert(let new): RowVerdict.insert(new, found: found).map(Answer.insert)
    case .register(_, let branches, let max):
      RowVerdict.register(branches, branchesMax: max, found: found).map(Answer.register)
    case .take(let take): RowVerdict.take(take, found: found).map(Answer.take)
    case .update(let update):
      RowVerdict.update(update, found: found, isLate: row?.isLate ?? false).map(Answer.update)
    }
  }
}
