import GRPC
package import Logging
import Messages
package import NIOCore
import Postgres
package import Transport

/// What `caravan dev` shows: three participants, and three transactions over them.
package final class Demo: Sendable {
  /// Where the participants listen on a machine that has these ports free.
  private static let ports = [OrderDesk.name: 7081, StockRoom.name: 7082, AccountBook.name: 7083]

  private let caller: DemoCaller
  private let participants: [Participant]
  private let books: Books
  private let database: String
  private let log = CallLog()
  private let screen: Screen
  private let write: @Sendable (String) -> Void

  /// - Parameters:
  ///   - coordinator: Where the coordinator serves.
  ///   - database: Where the participants keep their books, as libpq reads it.
  ///   - serveBeside: Adds to a participant's server what every gRPC service should have.
  ///   - write: Takes what is shown, line by line.
  package init(
    coordinator: String, database: String, group: any EventLoopGroup, logger: Logger,
    screen: Screen, serveBeside: @escaping @Sendable (inout Router) throws -> Void,
    write: @escaping @Sendable (String) -> Void
  ) {
    self.screen = screen
    self.write = write
    self.database = database
    caller = DemoCaller(
      pool: ClientPool(group: group, logger: logger), group: group, address: coordinator)
    books = Books(database: database, name: "books")
    let log = log
    let services: [(String, [Operation], [Question])] = [
      (OrderDesk.name, OrderDesk.operations, OrderDesk.questions),
      (StockRoom.name, StockRoom.operations, StockRoom.questions),
      (AccountBook.name, AccountBook.operations, AccountBook.questions),
    ]
    participants = services.map { name, operations, questions in
      Participant(
        name: name, operations: operations, questions: questions, port: Demo.ports[name] ?? 0,
        database: database, log: log, group: group, logger: logger, serveBeside: serveBeside)
    }
  }

  /// Makes the tables and brings the participants up.
  package func open() async throws {
    try await books.use { connection in
      try connection.run(
        """
        BEGIN;
        SET LOCAL client_min_messages = warning;
        CREATE SCHEMA IF NOT EXISTS demo;
        \(AnswerTable.schema)
        \(OrderDesk.schema)
        \(StockRoom.schema)
        \(AccountBook.schema)
        COMMIT
        """)
    }
    for participant in participants { try await participant.start() }
  }

  /// Runs the transactions and shows each; then what to try next.
  package func show() async throws {
    let addresses = self.addresses
    let plain = try await buy("anna buys two lamps", customer: "anna", quantity: 2, addresses)
    let refused = try await buy(
      "ben buys two lamps, and has too little money", customer: "ben", quantity: 2, addresses)
    let late = try await buyWhileDown(addresses)
    let number = try await nextNumber()
    let commands = CommandsToTry(
      coordinator: caller.address, addresses: addresses, shown: [plain, late, refused],
      freeNumber: number, database: database)
    write("")
    write("Try it:")
    for (purpose, command) in commands.all {
      write("")
      write("# \(purpose)")
      write(command)
    }
    write("")
  }

  /// Ends the calls of `show` that are under way.
  package func interrupt() async { await caller.pool.shutdown() }

  /// Takes the participants down.
  package func close() async {
    await interrupt()
    for participant in participants { await participant.close() }
    await books.close()
  }

  /// Where each participant serves, in the order of their names in the story.
  package var places: [(name: String, address: String)] {
    participants.map { ($0.name, $0.address?.description ?? "") }
  }

  private var addresses: [String: String] {
    Dictionary(
      uniqueKeysWithValues: places.map { ($0.name, $0.address) })
  }

  // MARK: Stories

  private func buy(
    _ story: String, customer: String, quantity: UInt32, _ addresses: [String: String]
  ) async throws -> String {
    let purchase = Purchase(
      number: try await nextNumber(), customer: customer, item: "lamp", quantity: quantity,
      cents: 5_900 * UInt64(quantity), addresses: addresses)
    let course = try await caller.run(id: purchase.number, branches: purchase.branches)
    draw(story, purchase.number, course)
    return purchase.number
  }

  /// The account is away when it is called, and comes back after the third attempt.
  private func buyWhileDown(_ addresses: [String: String]) async throws -> String {
    var purchase = Purchase(
      number: try await nextNumber(), customer: "anna", item: "lamp", quantity: 1, cents: 5_900,
      addresses: addresses)
    purchase.accountRetry = CaravanV1.RetryPolicy {
      $0.attemptsMax = 100
      $0.firstDelay = GoogleProtobuf.Duration(.milliseconds(100))
      $0.factor = 1.5
      $0.delayMax = GoogleProtobuf.Duration(.milliseconds(400))
    }
    guard let account = participants.first(where: { $0.name == AccountBook.name }) else {
      return purchase.number
    }
    await account.stop()
    let course: DemoCaller.Course
    do {
      course = try await caller.run(id: purchase.number, branches: purchase.branches) { now in
        let branch = now.branches.first { $0.id == account.name }
        if account.address == nil, let branch, branch.attempts >= 3, !branch.error.isEmpty {
          try await account.start()
        }
      }
    } catch {
      if account.address == nil { try await account.start() }
      throw error
    }
    draw("anna buys a lamp while the account is down", purchase.number, course)
    return purchase.number
  }

  private func draw(_ story: String, _ id: String, _ course: DemoCaller.Course) {
    let timeline = Timeline(id: id, story: story, course: course, calls: log.take(of: id))
    write("")
    for line in TimelineDrawing(timeline, on: screen).lines { write(line) }
  }

  private func nextNumber() async throws -> String {
    let next = Statement("demo_next_number", "SELECT nextval('demo.order_number')")
    return try await books.use { connection in
      let rows = try connection.execute(next())
      return "order-\(try rows[0].value(0, as: Int64.self))"
    }
  }
}
