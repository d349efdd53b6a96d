import Logging
import Postgres

/// A thread with a session that answers the queries of one queue.
final class QueryThread: Sendable {
  /// Gets that go out in one round trip.
  private static let getsMax = 64

  private let thread: OwnThread

  /// Starts the thread; `deliver` is called on it.
  init(
    _ purpose: String, settings: String, queue: QueryQueue, configuration: StoreConfiguration,
    logger: Logger, deliver: @escaping @Sendable ([Delivery]) -> Void
  ) {
    thread = OwnThread(name: "store-\(purpose)") {
      var link = Link(
        purpose, settings: settings, configuration: configuration, logger: logger)
      _ = link.connection()
      var sweeps = Sweeps()
      while let queries = queue.take(getsMax: Self.getsMax) {
        deliver(Self.answer(queries, through: &link, &sweeps))
      }
      link.close()
    }
  }

  /// Blocks until everything queued is answered; after its queue was stopped.
  func join() { thread.join() }

  /// Answers queries, in new sessions until the last of them gives up.
  private static func answer(
    _ queries: [QueuedQuery], through link: inout Link, _ sweeps: inout Sweeps
  ) -> [Delivery] {
    func allFailed(_ reason: String) -> [Delivery] {
      queries.map {
        Delivery(shard: $0.shard, ticket: $0.ticket, answer: $0.query.failed(reason))
      }
    }
    let giveUpAt = queries.map(\.giveUpAt).min() ?? .now
    var reason = "the database could not be reached"
    while true {
      if !link.isWaiting, let connection = link.connection() {
        do throws(PostgresError) {
          let answers = try answers(to: queries, on: connection, sweeps: &sweeps)
          link.worked()
          return zip(queries, answers).map {
            Delivery(shard: $0.shard, ticket: $0.ticket, answer: $1)
          }
        } catch {
          reason = error.description
          guard error.endsSession || error.isTemporary || error.isConflict || !connection.isOpen
          else { return allFailed(reason) }
          link.lost(error)
        }
      }
      let left = ContinuousClock.now.duration(to: giveUpAt)
      guard left > .zero else { return allFailed(reason) }
      link.pause(atMost: left)
    }
  }

  private static func answers(
    to queries: [QueuedQuery], on connection: Connection, sweeps: inout Sweeps
  ) throws(PostgresError) -> [Answer] {
    if queries[0].query.isGet {
      return try StoredRows.get(
        queries.map { queued in
          guard case .get(let id) = queued.query else {
            preconditionFailure("only gets are taken together")
          }
          return id
        }, on: connection
      ).map(Answer.get)
    }
    return [try answer(to: queries[0].query, on: connection, sweeps: &sweeps)]
  }

  private static func answer(
    to query: Query, on connection: Connection, sweeps: inout Sweeps
  ) throws(PostgresError) -> Answer {
    switch query {
    case .get(let id):
      return .get(try StoredRows.get([id], on: connection)[0])
    case .list(let filter):
      return .list(.page(try ListPage.read(filter, on: connection)))
    case .sweep(let query):
      return .sweep(try answer(to: query, on: connection, sweeps: &sweeps))
    case .completion(.claim(let now, let until, let limit)):
      return .completion(
        .claimed(try Completions.claim(now: now, until: until, limit: limit, on: connection)))
    case .completion(.settle(let report)):
      let isSettled = try Completions.settle(report, on: connection)
      return .completion(isSettled ? .settled : .overtaken)
    case .lease(let query):
      return .lease(try Membership.answer(query, on: connection))
    }
  }

  private static func answer(
    to query: SweepQuery, on connection: Connection, sweeps: inout Sweeps
  ) throws(PostgresError) -> SweepAnswer {
    switch query {
    case .takeOver(let owner, let limit):
      return .page(try sweeps.takeOver(owner: owner, limit: limit, on: connection))
    case .due(let owner, let before, let limit):
      return .page(
        try sweeps.due.page(
          TransactionSQL.due(
            Parameter(owner), Parameter(Timestamp(before)), Parameter(Int64(limit))),
          owner: owner, on: connection))
    case .expire(let owner, let limit):
      return .page(
        try sweeps.expire.page(
          TransactionSQL.expire(Parameter(owner), Parameter(Int64(limit))), owner: owner,
          on: connection))
    case .removeFinished(let retention, let idRetention, let limit):
      return .count(
        try Removal.run(
          retention: retention, idRetention: idRetention, limit: limit, on: connection))
    case .declareDead:
      return .count(try connection.execute(CoordinatorSQL.declareDead()).affected)
    }
  }
}

extension StoredRows {
  /// An answer for each id.
  static func get(
    _ ids: [String], on connection: Connection
  ) throws(PostgresError) -> [GetAnswer] {
    let rows = try StoredRows(connection.execute(call(Set(ids))))
    return ids.map { rows.byID[$0].map { .found($0.transaction) } ?? .absent }
  }
}
