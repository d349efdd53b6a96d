package import Mode

/// The store of the simulation: the same answers as PostgreSQL's, from memory, on one thread.
///
/// Nothing happens by itself. What is submitted waits until `commitBatch` makes it durable, and
/// what it came to waits until `answer` hands it over; a crash may fall before, between or after
/// them.
package final class InMemoryStore: TransactionStore, @unchecked Sendable {
  enum Work {
    case write(Write)
    case query(Query)
  }

  struct Item {
    var work: Work
    var ticket: UInt64
    var shard: Int
  }

  /// The database's clock, which whoever simulates sets.
  package var now: Instant
  /// By shard; replaced when the coordinator starts anew.
  package var sinks: [any AnswerSink]
  /// Unanswered work past which no more is taken.
  package var queueMax: Int

  /// What is durable.
  var tables = Tables()
  private var queue: [Item] = []
  private var committed: [(item: Item, answer: Answer)] = []

  package init(now: Instant, sinks: [any AnswerSink] = [], queueMax: Int = .max) {
    self.now = now
    self.sinks = sinks
    self.queueMax = queueMax
  }

  package func submit(_ write: Write, ticket: UInt64, shard: Int) -> Bool {
    if case .update = write {} else if unanswered >= queueMax { return false }
    queue.append(Item(work: .write(write), ticket: ticket, shard: shard))
    return true
  }

  package func submit(_ query: Query, ticket: UInt64, shard: Int) -> Bool {
    guard unanswered < queueMax else { return false }
    queue.append(Item(work: .query(query), ticket: ticket, shard: shard))
    return true
  }

  // MARK: What is there

  /// Submitted and not yet durable.
  package var queued: Int { queue.count }
  /// Durable, or read, and not yet answered.
  package var answerable: Int { committed.count }
  /// Both.
  package var unanswered: Int { queue.count + committed.count }

  /// The durable row.
  package func row(_ id: String) -> StoredTransaction? { tables.transactions[id] }
  /// All durable rows, by id.
  package var rows: [StoredTransaction] {
    tables.transactions.values.sorted { $0.id < $1.id }
  }
  /// The durable notes on a transaction.
  package func notes(_ id: String) -> [AttemptNote] { tables.notes[id] ?? [] }

  // MARK: Steps

  /// Makes what is queued durable, at most one write of a transaction and `limit` items, and
  /// returns how many it was; the others stay queued.
  @discardableResult
  package func commitBatch(limit: Int = .max) -> Int {
    var ids: Set<String> = []
    var rest: [Item] = []
    var count = 0
    for item in queue {
      if count == limit {
        rest.append(item)
        continue
      }
      switch item.work {
      case .write(let write):
        guard ids.insert(write.id).inserted else {
          rest.append(item)
          continue
        }
        committed.append((item, tables.perform(write, at: now)))
      case .query(let query):
        committed.append((item, tables.perform(query, at: now)))
      }
      count += 1
    }
    queue = rest
    return count
  }

  /// Hands over what was committed, a call for each shard, and returns how many it was.
  @discardableResult
  package func answer() -> Int {
    let ready = committed
    committed = []
    deliver(ready.map { ($0.item, $0.answer) })
    return ready.count
  }

  /// The session is lost after its COMMIT: the store does not know what it came to, so it sends the
  /// writes again, before anything that is queued. Pages that sweeps took are answered all the
  /// same.
  package func loseAnswers() {
    var again: [Item] = []
    var kept: [(item: Item, answer: Answer)] = []
    for entry in committed {
      if case .write = entry.item.work { again.append(entry.item) } else { kept.append(entry) }
    }
    committed = kept
    queue = again + queue
  }

  /// The coordinator dies: what was not durable is forgotten, and nobody is answered.
  package func crash() {
    queue = []
    committed = []
  }

  private func deliver(_ answers: [(Item, Answer)]) {
    for shard in sinks.indices {
      let own = answers.filter { $0.0.shard == shard }.map { ($0.0.ticket, $0.1) }
      if !own.isEmpty { sinks[shard].completed(own) }
    }
  }
}
