import GRPC
import Postgres

/// SQL of `demo.answer`: every answer that a participant has given.
enum AnswerTable {
  static let schema = """
    CREATE TABLE IF NOT EXISTS demo.answer (
      participant text NOT NULL,
      transaction text NOT NULL,
      branch text NOT NULL,
      role smallint NOT NULL CHECK (role IN (1, 2, 3)),
      status text NOT NULL,
      message text NOT NULL,
      reply bytea NOT NULL,
      given_at timestamptz NOT NULL DEFAULT now(),
      PRIMARY KEY (participant, transaction, branch, role)
    );
    COMMENT ON COLUMN demo.answer.role IS '1 phase one, 2 confirm, 3 undo';
    """

  static let lock = Statement(
    "demo_lock", "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))::text")

  private static let select = Statement(
    "demo_answers",
    """
    SELECT role, status, message, reply FROM demo.answer
    WHERE participant = $1 AND transaction = $2 AND branch = $3
    """)

  private static let insert = Statement(
    "demo_remember",
    """
    INSERT INTO demo.answer (participant, transaction, branch, role, status, message, reply)
    VALUES ($1, $2, $3, $4, $5, $6, $7)
    """)

  static func lockName(_ key: BranchKey) -> String {
    "\(key.participant)/\(key.transaction)/\(key.branch)"
  }

  static func answers(
    for key: BranchKey, over connection: Connection
  ) throws -> [Operation.Role: ParticipantContract.Answer] {
    let rows = try connection.execute(
      select(Parameter(key.participant), Parameter(key.transaction), Parameter(key.branch)))
    var answers: [Operation.Role: ParticipantContract.Answer] = [:]
    for row in rows {
      guard let role = Operation.Role(rawValue: try row.value(0, as: Int16.self)) else { continue }
      let code = StatusCode(name: try row.value(1, as: String.self)) ?? .unknown
      answers[role] = ParticipantContract.Answer(
        status: Status(code, try row.value(2, as: String.self)),
        reply: try row.value(3, as: [UInt8].self))
    }
    return answers
  }

  static func remember(
    _ answer: ParticipantContract.Answer, _ role: Operation.Role, _ key: BranchKey,
    over connection: Connection
  ) throws {
    _ = try connection.execute(
      insert(
        Parameter(key.participant), Parameter(key.transaction), Parameter(key.branch),
        Parameter(role.rawValue), Parameter(answer.status.code.name),
        Parameter(answer.status.message), Parameter(answer.reply)))
  }
}
