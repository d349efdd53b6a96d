import Mode
import Postgres

/// The sweeps that take rows.
struct Sweeps {
  private var takeOver = Sweep()
  /// No row with an earlier deadline is left to take over: each page of a long way goes on where
  /// the last one ended.
  private var takenOverUntil = Timestamp.distantPast
  var due = Sweep(leavesParking: true)
  var expire = Sweep()

  /// A page of what the dead have left; empty only where there is nothing, seen from the start.
  mutating func takeOver(
    owner: Int64, limit: Int, on connection: Connection
  ) throws(PostgresError) -> [TakenRow] {
    while true {
      let since = takenOverUntil
      let page = try takeOver.page(
        TransactionSQL.takeOver(Parameter(owner), Parameter(Int64(limit)), Parameter(since)),
        owner: owner, on: connection)
      guard let last = page.map(\.row.deadline).max() else {
        takenOverUntil = .distantPast
        if since == .distantPast { return page }
        continue
      }
      takenOverUntil = Timestamp(last)
      return page
    }
  }
}

/// A sweep over however many sessions it takes: a page of rows changes hands in one SQL
/// transaction, and is answered even where the answer to its COMMIT is lost, if need be to the next
/// query of its kind; nobody else would ever ask for these rows.
struct Sweep {
  private struct Taken {
    var owner: Int64
    var fence: Int64
    var driverGoneAt: Instant
  }

  /// True where the rows taken lose their `due`, which is all that tells it; every other sweep
  /// raises the fence.
  private let leavesParking: Bool
  /// The rows of a page whose COMMIT was sent: a new session reads what became of them.
  private var taken: [String: Taken] = [:]

  init(leavesParking: Bool = false) {
    self.leavesParking = leavesParking
  }

  /// Runs a statement that takes rows and returns id, fence and a moment of each, and reads the
  /// rows with their branches.
  mutating func page(
    _ take: StatementCall, owner: Int64, on connection: Connection
  ) throws(PostgresError) -> [TakenRow] {
    if !taken.isEmpty {
      let read = try Self.read(taken.keys, on: connection)
      let page = taken
      taken = [:]
      let rows = rows(of: page, read)
      // None of them was taken, or all changed hands since: the page of this query is another.
      if !rows.isEmpty { return rows }
    }
    try connection.run("BEGIN")
    do {
      var page: [String: Taken] = [:]
      for row in try connection.execute(take) {
        page[try row.value(0)] = Taken(
          owner: owner, fence: try row.value(1),
          driverGoneAt: try row.value(2, as: Timestamp.self).instant)
      }
      if page.isEmpty {
        try connection.run("ROLLBACK")
        return []
      }
      let read = try Self.read(page.keys, on: connection)
      taken = page
      try connection.run("COMMIT")
      taken = [:]
      return rows(of: page, read)
    } catch {
      if connection.isOpen { try connection.run("ROLLBACK") }
      throw error
    }
  }

  private static func read(
    _ ids: some Sequence<String>, on connection: Connection
  ) throws(PostgresError) -> StoredRows {
    try StoredRows(connection.execute(StoredRows.call(ids)))
  }

  private func rows(of page: [String: Taken], _ read: StoredRows) -> [TakenRow] {
    page.sorted(by: { $0.key < $1.key }).compactMap { id, taken in
      guard let found = read.byID[id]?.transaction, found.owner == taken.owner,
        found.fence == taken.fence, !found.point.state.hasEnded,
        !leavesParking || found.point.due == nil
      else { return nil }
      return TakenRow(row: found, driverGoneAt: taken.driverGoneAt)
    }
  }
}
