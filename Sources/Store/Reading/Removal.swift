import Mode
import Postgres

/// Removes what was kept long enough, a small batch at a time.
enum Removal {
  /// How many rows it was.
  static func run(
    retention: Span, idRetention: Span, limit: Int, on connection: Connection
  ) throws(PostgresError) -> Int {
    let limit = Parameter(Int64(limit))
    let outcome = try connection.pipeline([
      TransactionSQL.strip(Parameter(retention.milliseconds), limit),
      TransactionSQL.forget(Parameter(idRetention.milliseconds), limit),
      CoordinatorSQL.forget(),
    ])
    switch outcome {
    case .failed(_, let error): throw error
    case .committed(let results): return results[0].affected + results[1].affected
    }
  }
}
