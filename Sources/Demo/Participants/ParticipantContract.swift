import GRPC
import Postgres

/// Names the part that a participant plays in a transaction: what it must recognise again.
struct BranchKey: Sendable, Equatable {
  let participant: String
  let transaction: String
  let branch: String
}

/// What a participant owes the coordinator, kept by remembering every answer beside its effect:
///
/// (a) The same transaction, branch and action again has the same effect and answer.
/// (b) An undo whose phase one never arrived succeeds and is remembered.
/// (c) Phase one after its undo is refused.
/// (d) Confirm and undo repeated answer OK.
///
/// Effect and answer are one transaction of the database: a call that is interrupted anywhere has
/// either both or neither.
enum ParticipantContract {
  /// An answer that was given: `status` OK comes with a reply.
  struct Answer: Equatable {
    var status: Status
    var reply: [UInt8] = []
  }

  /// Answers a call of `operation` for `key`.
  ///
  /// - Throws: `PostgresError`: whether it took effect is not known, and the same call may come
  ///   again.
  static func answer(
    _ operation: Operation, _ key: BranchKey, _ message: [UInt8], over connection: Connection
  ) throws -> Answer {
    try connection.run("BEGIN")
    do {
      let answer = try answerInside(operation, key, message, connection)
      try connection.run("COMMIT")
      return answer
    } catch let refusal as Refused {
      // Nothing happened, and the transaction of the database may say so too.
      try connection.run("ROLLBACK")
      return Answer(status: refusal.status)
    } catch {
      if connection.isOpen { try? connection.run("ROLLBACK") }
      throw error
    }
  }

  /// A refusal that need not be remembered: the same call meets the same.
  private struct Refused: Error { let status: Status }

  private static func answerInside(
    _ operation: Operation, _ key: BranchKey, _ message: [UInt8], _ connection: Connection
  ) throws -> Answer {
    // Two calls for one branch come one after the other, whoever serves them.
    _ = try connection.execute(AnswerTable.lock(Parameter(AnswerTable.lockName(key))))
    let known = try AnswerTable.answers(for: key, over: connection)
    if let given = known[operation.role] { return given }

    let wasDone = known[.phaseOne]?.status.code == .ok
    var answer = Answer(status: .ok)
    switch operation.role {
    case .phaseOne where known[.undo] != nil:
      throw Refused(status: Status(.failedPrecondition, "this branch was undone before it began"))
    case .phaseOne:
      answer = try perform(operation, message, connection)
    case .confirm where !wasDone:
      throw Refused(status: Status(.failedPrecondition, "there is nothing to confirm"))
    case .undo where !wasDone:
      answer.reply = try operation.nothingDone(message)
    case .confirm, .undo:
      answer.reply = try operation.perform(connection, message)
    }
    try AnswerTable.remember(answer, operation.role, key, over: connection)
    return answer
  }

  /// Phase one may be refused; then its effect is taken back and the refusal remembered.
  private static func perform(
    _ operation: Operation, _ message: [UInt8], _ connection: Connection
  ) throws -> Answer {
    try connection.run("SAVEPOINT effect")
    do {
      return Answer(status: .ok, reply: try operation.perform(connection, message))
    } catch let refusal as Status {
      try connection.run("ROLLBACK TO effect")
      return Answer(status: refusal)
    }
  }
}
