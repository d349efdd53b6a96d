import Mode
import Postgres

/// Whole transactions by their ids: two statements, rows first, so that a row whose state admits no
/// more branches comes with all of them.
struct StoredRows {
  private(set) var byID: [String: StoredRow] = [:]

  static func calls(_ ids: some Sequence<String>) -> [StatementCall] {
    let ids = ArrayParameter<String>(ids.map { $0 }).parameter
    return [TransactionSQL.read(ids), BranchSQL.read(ids)]
  }

  /// Decodes what the two statements returned.
  init(rows: Rows, branches: Rows) throws(PostgresError) {
    for row in rows {
      var stored = try StoredRow(row)
      try stored.readOutcomes(row)
      byID[stored.transaction.id] = stored
    }
    for row in branches {
      let id: String = try row.value(0)
      guard byID[id] != nil else { continue }
      let branch = try Self.branch(row)
      byID[id]?.transaction.branches.append(branch)
      byID[id]?.transaction.branchCount += 1
    }
  }

  private static func branch(_ row: Row) throws(PostgresError) -> BranchRecord {
    let mode: Int16 = try row.value(3)
    let role: Int16 = try row.value(4)
    guard let mode = BranchMode(rawValue: UInt8(clamping: mode)),
      let role = BranchPlan.Role(rawValue: UInt8(clamping: role))
    else { throw PostgresError(.undecodable, "mode \(mode) with role \(role) is none") }
    return BranchRecord(
      id: try row.value(1), level: UInt32(clamping: try row.value(2, as: Int32.self)),
      mode: mode, role: role, target: try row.value(5), definition: try row.value(6))
  }
}
