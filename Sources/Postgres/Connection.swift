/// A session with PostgreSQL 15 or later, blocking: it belongs to one thread, which is never one
/// of the cooperative pool's.
package final class Connection {
  /// What came of a pipeline whose end the server has acknowledged.
  package enum PipelineOutcome: Sendable {
    /// Every statement ran and their transaction is committed: the rows of each.
    case committed([Rows])
    /// This statement failed and all of them are rolled back; the number of statements where it
    /// was the commit itself.
    case failed(at: Int, PostgresError)
  }

  private let session: Session
  private var prepared: Set<String> = []

  /// Connects, blocking. Throws `cannotConnect`.
  package init(_ target: ConnectionTarget) throws(PostgresError) {
    session = try Session(target)
    guard session.serverVersion >= 150_000 else {
      let version = session.serverVersion
      session.close()
      throw PostgresError(
        .cannotConnect, "the server is version \(version), which is older than 150000")
    }
  }

  /// False once the session was lost, timed out or closed; it never opens again.
  package var isOpen: Bool { session.isOpen }

  /// The server's process of this session, as `pg_stat_activity` shows it.
  package var backendProcess: Int32 { session.backendProcess }

  /// Ends the session.
  package func close() {
    session.close()
  }

  /// Runs SQL commands without parameters, separated by semicolons, by the simple protocol: they
  /// are one transaction unless they say otherwise.
  package func run(_ script: String) throws(PostgresError) {
    let deadline = session.roundTripDeadline()
    try session.sendScript(script)
    try session.flush(until: deadline)
    var failure: PostgresError?
    while let answer = try session.nextResult(until: deadline) {
      if case .refused(let error) = answer { failure = failure ?? error }
    }
    if let failure { throw failure }
  }

  /// Runs one statement and returns its rows.
  package func execute(_ call: StatementCall) throws(PostgresError) -> Rows {
    switch try pipeline([call]) {
    case .committed(let results): return results[0]
    case .failed(_, let error): throw error
    }
  }

  /// Runs statements in one round trip as one transaction, which the server commits at the end;
  /// inside a transaction begun by `run("BEGIN")` they become part of that instead.
  ///
  /// Throws only what `endsSession`: then nobody knows whether the transaction was committed.
  package func pipeline(_ calls: [StatementCall]) throws(PostgresError) -> PipelineOutcome {
    let deadline = session.roundTripDeadline()
    try session.enterPipeline()
    var preparing: [String?] = []
    for call in calls {
      let name = call.statement.name
      if !prepared.contains(name), !preparing.contains(name) {
        try session.sendPrepare(call.statement, types: call.arguments.map(\.type))
        preparing.append(name)
      }
      try session.sendExecute(call)
      preparing.append(nil)
    }
    try session.sendSync()
    try session.flush(until: deadline)
    let outcome = try readPipeline(preparing: preparing, until: deadline)
    try session.exitPipeline()
    if case .failed(_, let error) = outcome, Self.sessionIsForeign(error) { session.close() }
    return outcome
  }

  /// Reads one answer for each step; a step that prepares carries the statement's name.
  private func readPipeline(
    preparing steps: [String?], until deadline: Session.Deadline
  ) throws(PostgresError) -> PipelineOutcome {
    var results: [Rows] = []
    var failure: (position: Int, error: PostgresError)?
    var position = 0
    for name in steps {
      while let answer = try session.nextResult(until: deadline) {
        switch answer {
        case .rows(let rows):
          if let name { prepared.insert(name) } else { results.append(rows) }
        case .refused(let error):
          if failure == nil { failure = (position, error) }
        case .skipped, .synced:
          break
        }
      }
      if name == nil { position += 1 }
    }
    // What comes before the end now is the commit's own failure, of a deferred constraint.
    var synced = false
    while !synced {
      switch try session.nextResult(until: deadline) {
      case .synced: synced = true
      case .refused(let error): if failure == nil { failure = (position, error) }
      case .rows, .skipped, nil: break
      }
    }
    if let failure { return .failed(at: failure.position, failure.error) }
    return .committed(results)
  }

  /// A pooler changed the server's session under us, or a migration its plans: only a session that
  /// prepares anew can go on.
  private static func sessionIsForeign(_ error: PostgresError) -> Bool {
    error.sqlState == "26000" || error.sqlState == "0A000"
  }
}
