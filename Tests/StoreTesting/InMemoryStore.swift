package import Mode
package import Store

/// A store for tests: the same answers as PostgreSQL's, from memory, on one thread.
///
/// Nothing happens by itself: what is submitted waits until `settle`.
package final class InMemoryStore: TransactionStore, @unchecked Sendable {
  private enum Work {
    case write(Write)
    case query(Query)
  }

  private struct Item {
    var work: Work
    var ticket: UInt64
    var shard: Int
  }

  /// The database's clock.
  package let now: Instant
  /// By shard.
  package var sinks: [any AnswerSink]

  private var tables = Tables()
  private var queue: [Item] = []

  package init(now: Instant, sinks: [any AnswerSink] = []) {
    self.now = now
    self.sinks = sinks
  }

  package func submit(_ write: Write, ticket: UInt64, shard: Int) -> Bool {
    queue.append(Item(work: .write(write), ticket: ticket, shard: shard))
    return true
  }

  package func submit(_ query: Query, ticket: UInt64, shard: Int) -> Bool {
    queue.append(Item(work: .query(query), ticket: ticket, shard: shard))
    return true
  }

  /// The durable row.
  package func row(_ id: String) -> StoredTransaction? { tables.row(id) }
  /// The durable notes on a transaction.
  package func notes(_ id: String) -> [AttemptNote] { tables.notes[id] ?? [] }

  /// Makes durable what is queued and answers it, until nobody asks for more.
  package func settle() {
    while !queue.isEmpty {
      let items = queue
      queue = []
      let answers = items.map { ($0, perform($0.work)) }
      for shard in sinks.indices {
        let own = answers.filter { $0.0.shard == shard }.map { ($0.0.ticket, $0.1) }
        if !own.isEmpty { sinks[shard].completed(own) }
      }
    }
  }

  private func perform(_ work: Work) -> Answer {
    switch work {
    case .write(let write): tables.perform(write, at: now)
    case .query(let query): tables.perform(query, at: now)
    }
  }
}
