import Mode
import Postgres

/// Whole transactions by their ids.
struct StoredRows {
  private(set) var byID: [String: StoredRow] = [:]

  static func call(_ ids: some Sequence<String>) -> StatementCall {
    TransactionSQL.read(ArrayParameter<String>(ids.map { $0 }).parameter)
  }

  /// Decodes what the statement returned.
  init(_ rows: Rows) throws(PostgresError) {
    byID.reserveCapacity(rows.count)
    for row in rows {
      let stored = try StoredRow(whole: row)
      byID[stored.transaction.id] = stored
    }
  }
}
