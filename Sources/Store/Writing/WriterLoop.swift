import Logging
import Postgres

/// What a writer's thread does.
struct WriterLoop {
  /// How often a write may find its condition met after all, or be in somebody's way, before it is
  /// answered `.failed`.
  private static let repeatsMax = 5

  private var link: Link
  private let queue: WriterQueue
  private let configuration: StoreConfiguration
  private let statistics: Monitor<StoreStatistics>
  private let logger: Logger
  private let deliver: @Sendable ([Delivery]) -> Void
  /// Taken from the queue and not yet answered, in the order of arrival.
  private var backlog: [QueuedWrite] = []
  private var deliveries: [Delivery] = []

  init(
    link: Link, queue: WriterQueue, configuration: StoreConfiguration,
    statistics: Monitor<StoreStatistics>, logger: Logger,
    deliver: @escaping @Sendable ([Delivery]) -> Void
  ) {
    self.link = link
    self.queue = queue
    self.configuration = configuration
    self.statistics = statistics
    self.logger = logger
    self.deliver = deliver
  }

  /// Works until the queue is stopped and everything is answered.
  mutating func run() {
    // A first batch should not wait for a connection.
    _ = link.connection()
    while true {
      guard let arrived = queue.take(atMost: backlog.isEmpty ? nil : .zero) else {
        if backlog.isEmpty { break }
        work()
        continue
      }
      backlog.append(contentsOf: arrived)
      if !backlog.isEmpty { work() }
    }
    link.close()
  }

  /// One batch, or a pause where the database is away.
  private mutating func work() {
    if !link.isWaiting, let connection = link.connection() {
      let batch = WriteBatch(cutBatch())
      if batch.items.isEmpty { return flush() }
      var unanswered = batch.items
      do throws(PostgresError) {
        try write(batch, on: connection, unanswered: &unanswered)
      } catch {
        // What was sent may have been committed: it is repeated first, and read after that.
        if error.endsSession { statistics.update { $0.lostSessions += 1 } }
        link.lost(error)
      }
      backlog.insert(contentsOf: unanswered, at: 0)
      flush()
    } else {
      giveUp()
      guard !backlog.isEmpty else { return }
      pause()
    }
  }

  /// Waits for the next try, or for the first write to give up.
  private mutating func pause() {
    let first = backlog.map(\.giveUpAt).min() ?? .now
    link.pause(atMost: ContinuousClock.now.duration(to: first))
  }

  /// Answers what has waited for its bound.
  private mutating func giveUp() {
    let now = ContinuousClock.now
    var kept: [QueuedWrite] = []
    for item in backlog {
      if item.giveUpAt <= now {
        answer(item, item.write.failed("the database could not be reached"))
      } else {
        kept.append(item)
      }
    }
    backlog = kept
    flush()
  }

  /// The first items of the backlog, at most one of a transaction, up to the bounds.
  private mutating func cutBatch() -> [QueuedWrite] {
    var batch: [QueuedWrite] = []
    var ids: Set<String> = []
    var bytes = 0
    var rest: [QueuedWrite] = []
    var position = 0
    while position < backlog.count, batch.count < configuration.batchMax {
      let item = backlog[position]
      if let objection = item.write.objection {
        answer(item, item.write.failed(objection))
        position += 1
        continue
      }
      if !batch.isEmpty, bytes + item.weight > configuration.batchBytesMax { break }
      if ids.insert(item.write.id).inserted {
        batch.append(item)
        bytes += item.weight
      } else {
        rest.append(item)
      }
      position += 1
    }
    backlog.replaceSubrange(0..<position, with: rest)
    return batch
  }

  // MARK: One batch

  /// Writes a batch and answers its items; those that are left in `unanswered` have to be repeated.
  /// Throws where no session is left to go on with, or the server cannot work now.
  private mutating func write(
    _ batch: WriteBatch, on connection: Connection, unanswered: inout [QueuedWrite]
  ) throws(PostgresError) {
    var outcome = try commit(batch, on: connection)
    if case .rejected(let error) = outcome, error.isConflict {
      outcome = try commit(batch, on: connection)
    }
    switch outcome {
    case .committed(let results):
      try settle(batch, results, on: connection, unanswered: &unanswered)
    case .rejected(let error) where batch.items.count == 1:
      unanswered = []
      reject(batch.items[0], because: error, unanswered: &unanswered)
    case .rejected(let error):
      logger.warning(
        "a batch was rejected and goes item by item",
        metadata: [
          "items": .stringConvertible(batch.items.count), "reason": .string(error.description),
        ])
      try writeOneByOne(batch.items, on: connection, unanswered: &unanswered)
    }
  }

  private enum Commit {
    case committed([Rows])
    case rejected(PostgresError)
  }

  private mutating func commit(
    _ batch: WriteBatch, on connection: Connection
  ) throws(PostgresError) -> Commit {
    switch try connection.pipeline(batch.calls) {
    case .committed(let results):
      link.worked()
      statistics.update {
        $0.batches += 1
        $0.statements += batch.calls.count
      }
      return .committed(results)
    case .failed(_, let error):
      if error.isTemporary || !connection.isOpen { throw error }
      statistics.update { $0.rejectedBatches += 1 }
      return .rejected(error)
    }
  }

  /// One bad item fails alone.
  private mutating func writeOneByOne(
    _ items: [QueuedWrite], on connection: Connection, unanswered: inout [QueuedWrite]
  ) throws(PostgresError) {
    var waiting = items
    var repeated: [QueuedWrite] = []
    defer { unanswered = repeated + waiting }
    while let item = waiting.first {
      var left = [item]
      try write(WriteBatch([item]), on: connection, unanswered: &left)
      waiting.removeFirst()
      repeated += left
    }
  }

  private mutating func reject(
    _ item: QueuedWrite, because error: PostgresError, unanswered: inout [QueuedWrite]
  ) {
    if error.isConflict, item.repeats < Self.repeatsMax {
      item.repeats += 1
      unanswered.append(item)
      return
    }
    logger.error(
      "a write failed",
      metadata: [
        "transaction": .string(item.write.id), "reason": .string(error.description),
      ])
    answer(item, item.write.failed(error.description))
  }

  /// Answers what the batch says; for what changed no row, reads the rows.
  private mutating func settle(
    _ batch: WriteBatch, _ results: [Rows], on connection: Connection,
    unanswered: inout [QueuedWrite]
  ) throws(PostgresError) {
    let outcome = try batch.outcome(results)
    for (item, answer) in outcome.answers { self.answer(item, answer) }
    let unclear = outcome.unclear
    unanswered = unclear
    guard !unclear.isEmpty else { return }
    // Nobody whose write took effect waits for those whose write did not.
    flush()
    let rows = try StoredRows(
      connection.execute(StoredRows.call(unclear.map(\.write.id))))
    unanswered = []
    for item in unclear {
      switch WriteBatch.verdict(on: item.write, found: rows.byID[item.write.id]) {
      case .answer(let answer):
        self.answer(item, answer)
      case .again where item.repeats < Self.repeatsMax:
        item.write = item.write.remaining(besides: rows.byID[item.write.id]?.transaction)
        item.repeats += 1
        unanswered.append(item)
      case .again:
        answer(
          item, item.write.failed("the row changed under each of \(Self.repeatsMax) tries"))
      }
    }
  }

  // MARK: Answers

  private mutating func answer(_ item: QueuedWrite, _ answer: Answer) {
    deliveries.append(Delivery(shard: item.shard, ticket: item.ticket, answer: answer))
  }

  /// Hands the answers over, and makes room in the queue first.
  private mutating func flush() {
    guard !deliveries.isEmpty else { return }
    let ready = deliveries
    deliveries = []
    queue.answered(ready.count)
    statistics.update { statistics in
      statistics.writes += ready.count
      for delivery in ready where delivery.answer.isFailure { statistics.failures += 1 }
    }
    deliver(ready)
  }
}
