import Store

/// The queries that somebody beside the shards has asked, and what their answers are for.
final class PendingQueries {
  private let store: any TransactionStore
  /// The index of the sink that takes the answers.
  private let sink: Int
  private var answers: [UInt64: (Answer) -> Void] = [:]
  private var lastTicket: UInt64 = 0

  init(store: any TransactionStore, sink: Int) {
    self.store = store
    self.sink = sink
  }

  /// Queues a query; a full queue answers it with `.failed`.
  func submit(_ query: Query, _ answer: @escaping (Answer) -> Void) {
    lastTicket += 1
    answers[lastTicket] = answer
    if !store.submit(query, ticket: lastTicket, shard: sink) {
      answers[lastTicket] = nil
      answer(.failed("the queue of the store is full"))
    }
  }

  /// Takes what the store has answered.
  func completed(_ batch: [(ticket: UInt64, answer: Answer)]) {
    for (ticket, answer) in batch { answers.removeValue(forKey: ticket)?(answer) }
  }
}
