package import Logging
import Postgres

/// The store in PostgreSQL: writers with group commit, readers, a sweeper, and a session for the
/// lease alone, each on a thread of its own.
package final class PostgresStore: TransactionStore {
  private let configuration: StoreConfiguration
  private let sinks: [any AnswerSink]
  private let logger: Logger
  private let counters = Monitor(StoreStatistics())
  private let threads = Monitor<Threads?>(nil)
  private let reads: QueryQueue
  private let sweeps: QueryQueue
  private let membership: QueryQueue

  private struct Threads: Sendable {
    var writers: [Writer]
    var queries: [QueryThread]
  }

  /// - Parameters:
  ///   - sinks: by shard; each gets its answers on threads of the store
  package init(
    configuration: StoreConfiguration, sinks: [any AnswerSink], logger: Logger
  ) {
    self.configuration = configuration
    self.sinks = sinks
    self.logger = logger
    reads = QueryQueue(waitingMax: configuration.queueMax)
    sweeps = QueryQueue(waitingMax: configuration.queueMax)
    membership = QueryQueue(waitingMax: configuration.queueMax)
  }

  /// Checks the server and its schema, then starts the threads; blocking.
  package func start() throws(StoreError) {
    let probe = try Link.session(
      configuration.target("start"), SessionSQL.writer,
      allowsFsyncOff: configuration.allowsFsyncOff)
    defer { probe.close() }
    try Migrator.check(probe)
    let deliver: @Sendable ([Delivery]) -> Void = { self.deliver($0) }
    let writers = (0..<max(1, configuration.writers)).map { number in
      Writer(
        number: number, configuration: configuration, statistics: counters, logger: logger,
        deliver: deliver)
    }
    var queries = (0..<max(1, configuration.readers)).map { number in
      QueryThread(
        "read-\(number)", settings: SessionSQL.reader, queue: reads,
        configuration: configuration, logger: logger, deliver: deliver)
    }
    queries.append(
      QueryThread(
        "sweep", settings: SessionSQL.writer, queue: sweeps, configuration: configuration,
        logger: logger, deliver: deliver))
    queries.append(
      QueryThread(
        "lease", settings: SessionSQL.writer, queue: membership, configuration: configuration,
        logger: logger, deliver: deliver))
    let started = Threads(writers: writers, queries: queries)
    threads.update { $0 = started }
  }

  /// Takes nothing more, answers what is queued and ends the threads; blocking.
  package func stop() {
    let running = threads.read { $0 }
    for writer in running?.writers ?? [] { writer.stop() }
    for queue in [reads, sweeps, membership] { queue.stop() }
    for writer in running?.writers ?? [] { writer.join() }
    for thread in running?.queries ?? [] { thread.join() }
    // The threads hold the store through what they deliver to.
    threads.update { $0 = nil }
  }

  /// What writers did since the start.
  package var statistics: StoreStatistics { counters.read { $0 } }

  package func submit(_ write: Write, ticket: UInt64, shard: Int) -> Bool {
    let queued = QueuedWrite(
      write: write, ticket: ticket, shard: shard,
      giveUpAt: ContinuousClock.now + configuration.answerBound)
    return threads.read { threads in
      guard let writers = threads?.writers else { return false }
      return writers[Self.writer(of: write.id, among: writers.count)].submit(queued)
    }
  }

  package func submit(_ query: Query, ticket: UInt64, shard: Int) -> Bool {
    let queued = QueuedQuery(
      query: query, ticket: ticket, shard: shard,
      giveUpAt: ContinuousClock.now + configuration.answerBound)
    return switch query {
    case .get, .list: reads.add(queued)
    case .sweep(.declareDead), .lease: membership.add(queued)
    case .sweep, .completion: sweeps.add(queued)
    }
  }

  /// Always the same writer for a transaction, so that two batches of this node never meet on a
  /// row.
  private static func writer(of id: String, among count: Int) -> Int {
    Int(NameHash(id).value % UInt64(count))
  }

  private func deliver(_ deliveries: [Delivery]) {
    if let first = deliveries.first, deliveries.allSatisfy({ $0.shard == first.shard }) {
      sinks[first.shard].completed(deliveries.map { ($0.ticket, $0.answer) })
      return
    }
    var byShard: [Int: [(ticket: UInt64, answer: Answer)]] = [:]
    for delivery in deliveries {
      byShard[delivery.shard, default: []].append((delivery.ticket, delivery.answer))
    }
    for (shard, answers) in byShard { sinks[shard].completed(answers) }
  }
}
