import Mode
import Postgres

/// A page of transactions, newest first, without branches and outcomes.
enum ListPage {
  static func read(
    _ filter: ListFilter, on connection: Connection
  ) throws(PostgresError) -> [StoredTransaction] {
    let codes = Set(filter.states.map(StateCode.init))
    var arguments = [
      Parameter(filter.after.map { Timestamp($0.createdAt) }),
      Parameter(filter.after?.id),
      Parameter(filter.createdFrom.map(Timestamp.init)),
      Parameter(filter.createdTo.map(Timestamp.init)),
      Parameter(array: codes.map(\.rawValue).sorted() as [Int16?]),
      Parameter(Int64(filter.limit)),
    ]
    let statement: Statement
    if !filter.idPrefix.isEmpty {
      statement = TransactionSQL.listPrefix
      arguments += [
        // No character of an id stands behind DEL.
        Parameter(filter.idPrefix), Parameter(filter.idPrefix + "\u{7F}"),
        Parameter(filter.needsAttention),
      ]
    } else if filter.needsAttention {
      statement = TransactionSQL.listAttention
    } else if !filter.states.isEmpty && filter.states.allSatisfy({ !$0.hasEnded }) {
      statement = TransactionSQL.listUnfinished
    } else {
      statement = TransactionSQL.listAll
    }
    let rows = try connection.execute(
      StatementCall(statement: statement, arguments: arguments))
    var page: [StoredTransaction] = []
    for row in rows {
      var stored = try StoredRow(row).transaction
      stored.branchCount = Int(try row.value(StoredRow.commonColumns, as: Int64.self))
      page.append(stored)
    }
    return page
  }
}
