import Mode
import Postgres

/// A row of `caravan.transaction` as the statements of `TransactionSQL` return it.
struct StoredRow {
  var transaction: StoredTransaction
  /// Its deadline had passed by the database's clock.
  var isLate: Bool

  /// The columns that every reading statement has.
  static let commonColumns = 20

  /// Decodes the columns but those of outcomes; branches are not part of the row.
  init(_ row: Row) throws(PostgresError) {
    let intent = try row.optional(7, as: Int16.self).flatMap {
      Transaction.Intent(rawValue: UInt8(clamping: $0))
    }
    let code: Int16 = try row.value(6)
    guard let state = StateCode(rawValue: code)?.state(intent: intent) else {
      throw PostgresError(.undecodable, "state \(code) is none")
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

  /// Decodes the columns of outcomes, which follow the others.
  mutating func readOutcomes(_ row: Row) throws(PostgresError) {
    let first = Self.commonColumns
    guard let phaseOne = try row.array(first, of: Int16.self) else { return }
    let phaseTwo = try row.array(first + 1, of: Int16.self) ?? []
    let attempts = try row.array(first + 2, of: Int32.self) ?? []
    let landsUntil = try row.array(first + 3, of: Timestamp.self) ?? []
    let nextAt = try row.array(first + 4, of: Timestamp.self) ?? []
    let replies = try row.array(first + 5, of: [UInt8].self) ?? []
    let repliesOmitted = try row.array(first + 6, of: Bool.self) ?? []
    let errors = try row.array(first + 7, of: String.self) ?? []
    for index in phaseOne.indices {
      guard let one = phaseOne[index], let two = phaseTwo.at(index),
        let phaseOne = BranchProgress.PhaseOne(rawValue: UInt8(clamping: one)),
        let phaseTwo = BranchProgress.PhaseTwo(rawValue: UInt8(clamping: two))
      else { throw PostgresError(.undecodable, "outcome \(index + 1) is none") }
      transaction.point.outcomes.append(
        OutcomeRecord(
          phaseOne: phaseOne, phaseTwo: phaseTwo,
          attempts: UInt32(clamping: attempts.at(index) ?? 0),
          landsUntil: landsUntil.at(index)?.instant, nextAt: nextAt.at(index)?.instant,
          reply: replies.at(index), replyOmitted: repliesOmitted.at(index) ?? false,
          error: errors.at(index) ?? ""))
    }
  }

  private static func reason(_ row: Row) throws(PostgresError) -> ReasonRecord? {
    guard let code = try row.optional(12, as: Int16.self) else { return nil }
    guard let cause = Transaction.RollbackReason.Cause(rawValue: UInt8(clamping: code)) else {
      throw PostgresError(.undecodable, "cause \(code) of a rollback is none")
    }
    return ReasonRecord(
      cause: cause, branch: try row.optional(13, as: Int32.self).map(Int.init),
      text: try row.optional(14) ?? "")
  }

  private static func attention(_ row: Row) throws(PostgresError) -> AttentionRecord? {
    guard let code = try row.optional(15, as: Int16.self) else { return nil }
    guard let cause = Transaction.Attention.Cause(rawValue: UInt8(clamping: code)) else {
      throw PostgresError(.undecodable, "cause \(code) of an attention is none")
    }
    return AttentionRecord(
      cause: cause, branch: Int(try row.optional(16, as: Int32.self) ?? 0),
      text: try row.optional(17) ?? "")
  }
}

extension Array {
  /// The element, flattened; nil past the end.
  fileprivate func at<Wrapped>(_ index: Int) -> Wrapped? where Element == Wrapped? {
    index < count ? self[index] : nil
  }
}
