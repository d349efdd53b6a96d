import GRPC
import Messages
import Postgres

/// The order desk: a participant in Saga mode. An order stands as soon as it is placed.
enum OrderDesk {
  static let name = "order"

  static let schema = """
    CREATE TABLE IF NOT EXISTS demo.customer_order (
      number text PRIMARY KEY,
      customer text NOT NULL,
      item text NOT NULL,
      quantity bigint NOT NULL CHECK (quantity > 0),
      withdrawn boolean NOT NULL DEFAULT false
    );
    CREATE SEQUENCE IF NOT EXISTS demo.order_number START 1001;
    """

  private static let insert = Statement(
    "demo_place",
    """
    INSERT INTO demo.customer_order (number, customer, item, quantity) VALUES ($1, $2, $3, $4)
    ON CONFLICT DO NOTHING RETURNING number
    """)
  private static let withdraw = Statement(
    "demo_withdraw",
    "UPDATE demo.customer_order SET withdrawn = true WHERE number = $1 RETURNING number")
  private static let select = Statement(
    "demo_order",
    "SELECT customer, item, quantity, withdrawn FROM demo.customer_order WHERE number = $1")

  static let operations = [
    Operation(CaravanDemoV1.Orders.place, .phaseOne, effort: .milliseconds(35)) {
      connection, request in
      try place(request, connection)
    },
    Operation(
      CaravanDemoV1.Orders.withdraw, .undo, effort: .milliseconds(25),
      nothingDone: { (_: CaravanDemoV1.PlaceRequest) in CaravanDemoV1.WithdrawResponse() },
      perform: { connection, request in
        let rows = try connection.execute(withdraw(Parameter(request.number)))
        return CaravanDemoV1.WithdrawResponse { $0.wasPlaced = !rows.isEmpty }
      }),
  ]

  static let questions = [
    Question(CaravanDemoV1.Orders.look) {
      (connection, request: CaravanDemoV1.LookOrderRequest) in
      let rows = try connection.execute(select(Parameter(request.number)))
      guard let row = rows.first else { throw Status(.notFound, "no order \(request.number)") }
      return try CaravanDemoV1.Order {
        $0.number = request.number
        $0.customer = try row.value(0, as: String.self)
        $0.item = try row.value(1, as: String.self)
        $0.quantity = UInt32(clamping: try row.value(2, as: Int64.self))
        $0.withdrawn = try row.value(3, as: Bool.self)
      }
    }
  ]

  private static func place(
    _ request: CaravanDemoV1.PlaceRequest, _ connection: Connection
  ) throws -> CaravanDemoV1.PlaceResponse {
    guard !request.number.isEmpty, !request.customer.isEmpty, !request.item.isEmpty,
      request.quantity > 0
    else { throw Status(.invalidArgument, "an order has number, customer, item and quantity") }
    let rows = try connection.execute(
      insert(
        Parameter(request.number), Parameter(request.customer), Parameter(request.item),
        Parameter(Int64(request.quantity))))
    guard !rows.isEmpty else {
      throw Status(.alreadyExists, "order \(request.number) was placed before")
    }
    return CaravanDemoV1.PlaceResponse { $0.number = request.number }
  }
}
