import GRPC
import Messages
import Postgres

/// The accounts: a participant in TCC mode. What is tried is held.
enum AccountBook {
  static let name = "account"

  static let schema = """
    CREATE TABLE IF NOT EXISTS demo.account (
      customer text PRIMARY KEY,
      free_cents bigint NOT NULL CHECK (free_cents >= 0),
      held_cents bigint NOT NULL DEFAULT 0 CHECK (held_cents >= 0)
    );
    INSERT INTO demo.account (customer, free_cents) VALUES ('anna', 100000), ('ben', 500)
      ON CONFLICT (customer) DO UPDATE
      SET free_cents = greatest(demo.account.free_cents, EXCLUDED.free_cents);
    """

  private static let hold = Statement(
    "demo_hold",
    """
    UPDATE demo.account SET free_cents = free_cents - $2, held_cents = held_cents + $2
    WHERE customer = $1 AND free_cents >= $2 RETURNING free_cents, held_cents
    """)
  private static let charge = Statement(
    "demo_charge",
    """
    UPDATE demo.account SET held_cents = held_cents - $2
    WHERE customer = $1 RETURNING free_cents, held_cents
    """)
  private static let release = Statement(
    "demo_give_back",
    """
    UPDATE demo.account SET free_cents = free_cents + $2, held_cents = held_cents - $2
    WHERE customer = $1 RETURNING free_cents, held_cents
    """)
  private static let select = Statement(
    "demo_account", "SELECT free_cents, held_cents FROM demo.account WHERE customer = $1")

  static let operations = [
    Operation(CaravanDemoV1.Accounts.hold, .phaseOne, effort: .milliseconds(60)) {
      connection, request in
      try change(hold, request, connection)
    },
    Operation(CaravanDemoV1.Accounts.charge, .confirm, effort: .milliseconds(45)) {
      connection, request in
      try change(charge, request, connection)
    },
    Operation(CaravanDemoV1.Accounts.release, .undo, effort: .milliseconds(35)) {
      connection, request in
      try change(release, request, connection)
    },
  ]

  static let questions = [
    Question(CaravanDemoV1.Accounts.look) {
      (connection, request: CaravanDemoV1.LookAccountRequest) in
      try look(request.customer, connection)
    }
  ]

  private static func change(
    _ statement: Statement, _ request: CaravanDemoV1.AccountRequest, _ connection: Connection
  ) throws -> CaravanDemoV1.AccountResponse {
    guard request.cents > 0, request.cents <= Int64.max else {
      throw Status(.invalidArgument, "cents is at least one")
    }
    let rows = try connection.execute(
      statement(Parameter(request.customer), Parameter(Int64(request.cents))))
    if let row = rows.first { return try response(request.customer, row) }
    let account = try look(request.customer, connection)
    throw Status(
      .failedPrecondition,
      "\(request.customer) has \(money(account.freeCents)), not \(money(request.cents))")
  }

  private static func look(
    _ customer: String, _ connection: Connection
  ) throws -> CaravanDemoV1.AccountResponse {
    let rows = try connection.execute(select(Parameter(customer)))
    guard let row = rows.first else { throw Status(.notFound, "no account of \(customer)") }
    return try response(customer, row)
  }

  private static func response(
    _ customer: String, _ row: Row
  ) throws -> CaravanDemoV1.AccountResponse {
    try CaravanDemoV1.AccountResponse {
      $0.customer = customer
      $0.freeCents = UInt64(clamping: try row.value(0, as: Int64.self))
      $0.heldCents = UInt64(clamping: try row.value(1, as: Int64.self))
    }
  }
}

/// Cents as people write them: `59.00`.
func money(_ cents: UInt64) -> String {
  let rest = cents % 100
  return "\(cents / 100).\(rest < 10 ? "0" : "")\(rest)"
}
