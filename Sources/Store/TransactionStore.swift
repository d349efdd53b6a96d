/// Where decisions are kept. Two stores answer alike: PostgreSQL, and memory for the simulation.
///
/// A write is queued and answered later: the answer comes to the sink of the write's shard, many
/// at a time, so that a
/// batch wakes each shard once. An answer is given only when what it says is durable.
package protocol TransactionStore: Sendable {
  /// Queues a write.
  ///
  /// - Parameters:
  ///   - write: at most one write of a transaction may be under way; the shard sees to that
  ///   - ticket: names the write in its answer; unique in the shard
  ///   - shard: whose sink gets the answer
  /// - Returns: false when the queue is full; nothing was queued then
  func submit(_ write: Write, ticket: UInt64, shard: Int) -> Bool

  /// Queues a read or a sweep; it is answered like a write, in no order with writes.
  func submit(_ query: Query, ticket: UInt64, shard: Int) -> Bool
}

/// Takes the answers of one shard's writes and queries. Called on a thread of the store.
package protocol AnswerSink: AnyObject, Sendable {
  func completed(_ answers: [(ticket: UInt64, answer: Answer)])
}
