import GRPC
import Messages
import Postgres

/// The stock room: a participant in TCC mode. What is tried is set aside.
enum StockRoom {
  static let name = "stock"

  static let schema = """
    CREATE TABLE IF NOT EXISTS demo.item (
      item text PRIMARY KEY,
      on_shelf bigint NOT NULL CHECK (on_shelf >= 0),
      reserved bigint NOT NULL DEFAULT 0 CHECK (reserved >= 0)
    );
    INSERT INTO demo.item (item, on_shelf) VALUES ('lamp', 100)
      ON CONFLICT (item) DO UPDATE SET on_shelf = greatest(demo.item.on_shelf, 100);
    """

  private static let reserve = Statement(
    "demo_reserve",
    """
    UPDATE demo.item SET on_shelf = on_shelf - $2, reserved = reserved + $2
    WHERE item = $1 AND on_shelf >= $2 RETURNING on_shelf, reserved
    """)
  private static let take = Statement(
    "demo_take",
    "UPDATE demo.item SET reserved = reserved - $2 WHERE item = $1 RETURNING on_shelf, reserved")
  private static let release = Statement(
    "demo_release",
    """
    UPDATE demo.item SET on_shelf = on_shelf + $2, reserved = reserved - $2
    WHERE item = $1 RETURNING on_shelf, reserved
    """)
  private static let select = Statement(
    "demo_item", "SELECT on_shelf, reserved FROM demo.item WHERE item = $1")

  static let operations = [
    Operation(CaravanDemoV1.Stock.reserve, .phaseOne, effort: .milliseconds(50)) {
      connection, request in
      try change(reserve, request, connection)
    },
    Operation(CaravanDemoV1.Stock.take, .confirm, effort: .milliseconds(40)) {
      connection, request in
      try change(take, request, connection)
    },
    Operation(CaravanDemoV1.Stock.release, .undo, effort: .milliseconds(30)) {
      connection, request in
      try change(release, request, connection)
    },
  ]

  static let questions = [
    Question(CaravanDemoV1.Stock.look) { (connection, request: CaravanDemoV1.LookItemRequest) in
      try look(request.item, connection)
    }
  ]

  private static func change(
    _ statement: Statement, _ request: CaravanDemoV1.StockRequest, _ connection: Connection
  ) throws -> CaravanDemoV1.StockResponse {
    guard request.quantity > 0 else { throw Status(.invalidArgument, "quantity is at least one") }
    let rows = try connection.execute(
      statement(Parameter(request.item), Parameter(Int64(request.quantity))))
    if let row = rows.first { return try response(request.item, row) }
    let item = try look(request.item, connection)
    throw Status(
      .failedPrecondition,
      "\(item.onShelf) of \(request.item) on the shelf, not \(request.quantity)")
  }

  private static func look(
    _ item: String, _ connection: Connection
  ) throws -> CaravanDemoV1.StockResponse {
    let rows = try connection.execute(select(Parameter(item)))
    guard let row = rows.first else { throw Status(.notFound, "no item \(item)") }
    return try response(item, row)
  }

  private static func response(
    _ item: String, _ row: Row
  ) throws -> CaravanDemoV1.StockResponse {
    try CaravanDemoV1.StockResponse {
      $0.item = item
      $0.onShelf = UInt32(clamping: try row.value(0, as: Int64.self))
      $0.reserved = UInt32(clamping: try row.value(1, as: Int64.self))
    }
  }
}
