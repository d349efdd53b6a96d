import Mode
import Postgres

/// Takes completions that are due, and keeps what telling them came to.
enum Completions {
  /// Where the answer is lost the rows are told once what they were taken until has passed.
  static func claim(
    now: Instant, until: Instant, limit: Int, on connection: Connection
  ) throws(PostgresError) -> [StoredTransaction] {
    let rows = try connection.execute(
      CompletionSQL.claim(
        Parameter(Timestamp(now)), Parameter(Timestamp(until)), Parameter(Int64(limit))))
    var page: [StoredTransaction] = []
    for row in rows { page.append(try StoredRow(whole: row).transaction) }
    return page.sorted { $0.id < $1.id }
  }

  /// False where a later attempt has overtaken the one reported.
  static func settle(
    _ report: CompletionReport, on connection: Connection
  ) throws(PostgresError) -> Bool {
    let id = Parameter(report.id)
    let attempt = Parameter(Int32(clamping: report.attempt))
    let call =
      switch report.outcome {
      case .taken(let at):
        CompletionSQL.settle(
          id, attempt, Parameter(Timestamp(at)), Parameter(Timestamp?.none),
          Parameter(String?.none))
      case .failed(let error, let again):
        CompletionSQL.settle(
          id, attempt, Parameter(Timestamp?.none), Parameter(Timestamp(again)),
          Parameter(StoredText.clean(error)))
      case .postponed(let due):
        CompletionSQL.postpone(id, attempt, Parameter(Timestamp(due)))
      }
    return try connection.execute(call).affected > 0
  }
}
