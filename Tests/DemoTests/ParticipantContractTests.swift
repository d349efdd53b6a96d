import GRPC
import Messages
import Postgres
import PostgresTesting
import ProtoWire
import Testing

@testable import Demo

/// The contract of a participant, against a real database.
@Suite struct ParticipantContractTests {
  private struct Desk {
    let database: TestDatabase
    let connection: Connection

    init() throws {
      database = try TestDatabase("demo")
      connection = try database.connect()
      try connection.run("CREATE SCHEMA demo; \(AnswerTable.schema) \(StockRoom.schema)")
    }

    func call(
      _ path: String, branch: String = "stock", item: String = "lamp", quantity: UInt32 = 2
    ) throws -> ParticipantContract.Answer {
      let operation = try #require(StockRoom.operations.first { $0.path == path })
      let request = CaravanDemoV1.StockRequest {
        $0.item = item
        $0.quantity = quantity
      }
      return try ParticipantContract.answer(
        operation, BranchKey(participant: "stock", transaction: "order-1", branch: branch),
        request.wireBytes(), over: connection)
    }

    /// On the shelf and set aside.
    func shelf() throws -> [Int64] {
      let rows = try connection.execute(
        Statement("shelf", "SELECT on_shelf, reserved FROM demo.item WHERE item = 'lamp'")())
      return [try rows[0].value(0, as: Int64.self), try rows[0].value(1, as: Int64.self)]
    }
  }

  private let reserve = CaravanDemoV1.Stock.reserve
  private let take = CaravanDemoV1.Stock.take
  private let release = CaravanDemoV1.Stock.release

  @Test func theSameCallAgainHasTheSameEffectAndAnswer() throws {
    let desk = try Desk()
    let first = try desk.call(reserve)
    #expect(first.status.code == .ok)
    #expect(try desk.call(reserve) == first)
    #expect(try desk.shelf() == [98, 2])
    let taken = try desk.call(take)
    #expect(try desk.call(take) == taken)
    #expect(taken.status.code == .ok)
    #expect(try desk.shelf() == [98, 0])
  }

  @Test func anUndoTakesBackOnce() throws {
    let desk = try Desk()
    _ = try desk.call(reserve)
    #expect(try desk.call(release).status.code == .ok)
    #expect(try desk.call(release).status.code == .ok)
    #expect(try desk.shelf() == [100, 0])
  }

  @Test func anUndoWithoutItsPhaseOneSucceedsAndPhaseOneAfterItIsRefused() throws {
    let desk = try Desk()
    #expect(try desk.call(release).status.code == .ok)
    #expect(try desk.call(reserve).status.code == .failedPrecondition)
    #expect(try desk.call(release).status.code == .ok)
    #expect(try desk.shelf() == [100, 0])
  }

  @Test func aRefusalIsRememberedAndItsUndoDoesNothing() throws {
    let desk = try Desk()
    let refused = try desk.call(reserve, quantity: 101)
    #expect(refused.status == Status(.failedPrecondition, "100 of lamp on the shelf, not 101"))
    try desk.connection.run("UPDATE demo.item SET on_shelf = 1000")
    #expect(try desk.call(reserve, quantity: 101) == refused)
    #expect(try desk.call(release, quantity: 101).status.code == .ok)
    #expect(try desk.shelf() == [1000, 0])
  }

  @Test func nothingIsConfirmedThatWasNotTried() throws {
    let desk = try Desk()
    #expect(try desk.call(take).status.code == .failedPrecondition)
    #expect(try desk.shelf() == [100, 0])
  }

  @Test func branchesOfOneTransactionAreApart() throws {
    let desk = try Desk()
    _ = try desk.call(reserve, branch: "a")
    _ = try desk.call(reserve, branch: "b")
    _ = try desk.call(release, branch: "a")
    #expect(try desk.shelf() == [98, 2])
  }

  @Test func badRequestsAreRefused() throws {
    let desk = try Desk()
    #expect(try desk.call(reserve, quantity: 0).status.code == .invalidArgument)
    #expect(try desk.call(reserve, branch: "b", item: "sofa").status.code == .notFound)
    let operation = try #require(StockRoom.operations.first)
    let answer = try ParticipantContract.answer(
      operation, BranchKey(participant: "stock", transaction: "t", branch: "c"), [0xFF],
      over: desk.connection)
    #expect(answer.status.code == .invalidArgument)
  }
}
