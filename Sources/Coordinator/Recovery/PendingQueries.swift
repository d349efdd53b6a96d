import Store

/// The queries that somebody beside the shards has asked, and what their answers are for.
final class PendingQueries {
  private enum Awaited {
    case sweep((SweepAnswer) -> Void)
    case completion((CompletionAnswer) -> Void)
    case lease((LeaseAnswer) -> Void)
  }

  private let store: any TransactionStore
  /// The index of the sink that takes the answers.
  private let sink: Int
  private var awaited: [UInt64: Awaited] = [:]
  private var lastTicket: UInt64 = 0

  init(store: any TransactionStore, sink: Int) {
    self.store = store
    self.sink = sink
  }

  // A full queue answers with `.failed`.

  func submit(_ query: SweepQuery, _ answer: @escaping (SweepAnswer) -> Void) {
    submit(.sweep(query), .sweep(answer))
  }

  func submit(_ query: CompletionQuery, _ answer: @escaping (CompletionAnswer) -> Void) {
    submit(.completion(query), .completion(answer))
  }

  func submit(_ query: LeaseQuery, _ answer: @escaping (LeaseAnswer) -> Void) {
    submit(.lease(query), .lease(answer))
  }

  private func submit(_ query: Query, _ purpose: Awaited) {
    lastTicket += 1
    awaited[lastTicket] = purpose
    if store.submit(query, ticket: lastTicket, shard: sink) { return }
    awaited[lastTicket] = nil
    take(query.failed("the queue of the store is full"), for: purpose)
  }

  /// Takes what the store has answered.
  func completed(_ batch: [(ticket: UInt64, answer: Answer)]) {
    for (ticket, answer) in batch {
      if let purpose = awaited.removeValue(forKey: ticket) { take(answer, for: purpose) }
    }
  }

  private func take(_ answer: Answer, for purpose: Awaited) {
    switch purpose {
    case .sweep(let tell): tell(answer.toSweep)
    case .completion(let tell): tell(answer.toCompletion)
    case .lease(let tell): tell(answer.toLease)
    }
  }
}
