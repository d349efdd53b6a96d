import Mode
import Postgres

/// A row of `caravan.transaction` as the statements of `TransactionSQL` return it.
struct StoredRow {
  var transaction: StoredTransaction
  /// Its deadline had passed by the database's clock.
  var isLate: Bool

  /// The columns that every reading statement has.
  static let commonColumns = 20

  /// Decodes the common columns, and those of outcomes and branches, which follow.
  init(whole row: Row) throws(PostgresError) {
    try self.init(row)
    transaction.point.outcomes =
      try row.records(Self.commonColumns) { record throws(PostgresError) in
        try OutcomeRecord(&record)
      } ?? []
    transaction.branches =
      try row.records(Self.commonColumns + 1) { record throws(PostgresError) in
        try BranchRecord(&record)
      } ?? []
    transaction.branchCount = transaction.branches.count
    transaction.completion = try Self.completion(row, at: Self.commonColumns + 2)
  }

  private static func completion(
    _ row: Row, at column: Int
  ) throws(PostgresError) -> CompletionRecord? {
    guard let definition = try row.optional(column, as: [UInt8].self) else { return nil }
    return CompletionRecord(
      definition: definition, due: try row.optional(column + 1, as: Timestamp.self)?.instant,
      attempts: UInt32(clamping: try row.optional(column + 2, as: Int32.self) ?? 0),
      takenAt: try row.optional(column + 3, as: Timestamp.self)?.instant,
      error: try row.optional(column + 4) ?? "")
  }

  /// Decodes the common columns alone.
  init(_ row: Row) throws(PostgresError) {
    let intent = try row.optional(7, as: Int16.self).flatMap {
      Transaction.Intent(rawValue: UInt8(clamping: $0))
    }
    let code: Int16 = try row.value(6)
    guard let known = StateCode(rawValue: code) else {
      throw .unexpected(in: "state", "\(code)", expected: "1 to 7")
    }
    guard let state = known.state(intent: intent) else {
      throw .unexpected(in: "intent", "none in state \(code)", expected: "1 or 2")
    }
    transaction = StoredTransaction(
      id: try row.value(0),
      contentHash: try row.value(1),
      deadline: try row.value(2, as: Timestamp.self).instant,
      createdAt: try row.value(3, as: Timestamp.self).instant,
      owner: try row.optional(4),
      fence: try row.value(5),
      point: PointRecord(
        state: state,
        reason: try Self.reason(row),
        attention: try Self.attention(row),
        paused: try row.value(10),
        due: try row.optional(9, as: Timestamp.self)?.instant,
        endedAt: try row.optional(8, as: Timestamp.self)?.instant),
      branches: [], branchCount: 0, intent: intent,
      writtenBy: try row.optional(18), removed: try row.value(11))
    isLate = try row.value(19)
  }

  private static func reason(_ row: Row) throws(PostgresError) -> ReasonRecord? {
    guard let code = try row.optional(12, as: Int16.self) else { return nil }
    guard let cause = Transaction.RollbackReason.Cause(rawValue: UInt8(clamping: code)) else {
      throw .unexpected(in: "reason_cause", "\(code)", expected: "1 to 4")
    }
    return ReasonRecord(
      cause: cause, branch: try row.optional(13, as: Int32.self).map(Int.init),
      text: try row.optional(14) ?? "")
  }

  private static func attention(_ row: Row) throws(PostgresError) -> AttentionRecord? {
    guard let code = try row.optional(15, as: Int16.self) else { return nil }
    guard let cause = Transaction.Attention.Cause(rawValue: UInt8(clamping: code)) else {
      throw .unexpected(in: "attention_cause", "\(code)", expected: "1 or 2")
    }
    return AttentionRecord(
      cause: cause, branch: Int(try row.optional(16, as: Int32.self) ?? 0),
      text: try row.optional(17) ?? "")
  }
}

extension OutcomeRecord {
  /// From `caravan.outcome_columns`.
  fileprivate init(_ record: inout Record) throws(PostgresError) {
    let one: Int16? = try record.next()
    let two: Int16? = try record.next()
    guard let phaseOne = one.flatMap({ BranchProgress.PhaseOne(rawValue: UInt8(clamping: $0)) }),
      let phaseTwo = two.flatMap({ BranchProgress.PhaseTwo(rawValue: UInt8(clamping: $0)) })
    else {
      throw .unexpected(
        in: "outcomes", "phases \(PostgresError.text(one)) and \(PostgresError.text(two))",
        expected: "1 to 4 each")
    }
    self.init(
      phaseOne: phaseOne, phaseTwo: phaseTwo,
      attempts: UInt32(clamping: try record.next(Int32.self) ?? 0),
      landsUntil: try record.next(Timestamp.self)?.instant,
      nextAt: try record.next(Timestamp.self)?.instant, reply: try record.next(),
      replyOmitted: try record.next() ?? false, error: try record.next() ?? "")
  }
}

extension BranchRecord {
  /// From `caravan.branch_columns`.
  fileprivate init(_ record: inout Record) throws(PostgresError) {
    let id: String? = try record.next()
    let level: Int32? = try record.next()
    let mode: Int16? = try record.next()
    let role: Int16? = try record.next()
    let target: String? = try record.next()
    let definition: [UInt8]? = try record.next()
    guard let id, let level, let target, let definition else {
      throw .unexpected(
        in: "branches", "a branch with a field that is NULL", expected: "every field")
    }
    guard let knownMode = mode.flatMap({ BranchMode(rawValue: UInt8(clamping: $0)) }),
      let knownRole = role.flatMap({ BranchPlan.Role(rawValue: UInt8(clamping: $0)) })
    else {
      throw .unexpected(
        in: "branches",
        "branch \(id) with mode \(PostgresError.text(mode)) and role \(PostgresError.text(role))",
        expected: "mode 1 or 2 and role 0 to 2")
    }
    self.init(
      id: id, level: UInt32(clamping: level), mode: knownMode, role: knownRole, target: target,
      definition: definition)
  }
}

extension PostgresError {
  /// A value that this version does not know: a later one may have written it.
  fileprivate static func unexpected(
    in column: String, _ found: String, expected: String
  ) -> PostgresError {
    PostgresError(
      .undecodable,
      "column \(column) of caravan.transaction holds \(found), expected \(expected)")
  }

  fileprivate static func text(_ code: Int16?) -> String { code.map { "\($0)" } ?? "NULL" }
}
