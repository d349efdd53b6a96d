import Mode
import Postgres
import PostgresTesting
import Testing

@testable import Store

/// Two SQL transactions of the store in every order of their steps: what was acknowledged is never
/// missed, and of two that exclude each other one wins.
@Suite struct InterleavingTests {
  private let database: TestDatabase
  private let sessions: TwoSessions
  private let reader: Connection

  init() throws {
    database = try MigratedDatabase.make("interleaving")
    sessions = try TwoSessions(database)
    reader = try database.connect()
  }

  private func write(_ writes: [Write]) throws {
    let outcome = try reader.pipeline(SteppedBatch(writes).batch.calls)
    guard case .committed = outcome else { throw UnexpectedOutcome(outcome: "\(outcome)") }
  }

  private func row(_ id: String) throws -> StoredTransaction {
    let answer = try StoredRows.get([id], on: reader)[0]
    guard case .found(let row) = answer else { throw UnexpectedAnswer(answer: .get(answer)) }
    return row
  }

  private func join(lease: Span = .seconds(600)) throws -> Int64 {
    let answer = try Membership.answer(.join(node: "n", address: "a", lease: lease), on: reader)
    guard case .held(let incarnation, _) = answer else {
      throw UnexpectedAnswer(answer: .lease(answer))
    }
    return incarnation
  }

  struct UnexpectedOutcome: Error {
    var outcome: String
  }

  @Test func aBranchThatWasAcknowledgedIsSeenByCommit() throws {
    var registered = 0
    let orders = TwoSessions.orders(2, 2)
    for (number, order) in orders.enumerated() {
      let id = "t\(number)"
      try write([Sample.begin(id, branches: [Sample.branch("a")])])
      let register = SteppedBatch([
        .register(id: id, branches: [Sample.branch("b")], branchesMax: 9)
      ])
      let take = SteppedBatch([.take(Take(id: id, verb: .commit, owner: 1))])
      let errors = try sessions.run([register.steps, take.steps], in: order)
      #expect(errors[0].isEmpty && errors[1].isEmpty, "\(errors)")
      guard case .take(.taken(let row)) = try take.answers(reading: reader)[id] else {
        Issue.record("the take lost to nobody in \(order)")
        continue
      }
      if try register.answers(reading: reader)[id] == .registered(branchCount: 2) {
        registered += 1
        #expect(row.branches.map(\.id) == ["a", "b"], "order \(order)")
      } else {
        #expect(row.branches.map(\.id) == ["a"], "order \(order)")
      }
      #expect(try self.row(id).branches == row.branches)
    }
    #expect(registered > 0 && registered < orders.count)
  }

  @Test func aBranchThatWasAcknowledgedIsSeenByTheDeadline() throws {
    let owner = try join()
    var registered = 0
    let orders = TwoSessions.orders(2, 3)
    for (number, order) in orders.enumerated() {
      let id = "t\(number)"
      try write([Sample.begin(id, deadline: Sample.past)])
      let register = SteppedBatch([
        .register(id: id, branches: [Sample.branch("b")], branchesMax: 9)
      ])
      let page = Monitor<[StoredTransaction]>([])
      let expire = SteppedSweep(
        TransactionSQL.expire(Parameter(owner), Parameter(Int64(10))), page)
      _ = try sessions.run([register.steps, expire.steps], in: order)
      let isRegistered =
        try register.answers(reading: reader)[id] == .registered(branchCount: 1)
      if isRegistered { registered += 1 }
      // A row that a registration holds is skipped, and swept the next time.
      let swept = page.read { $0 }
      #expect(swept.allSatisfy { $0.branchCount == (isRegistered ? 1 : 0) })
      if swept.isEmpty {
        #expect(isRegistered)
        let again = try reader.execute(
          TransactionSQL.expire(Parameter(owner), Parameter(Int64(10))))
        #expect(again.count == 1)
      }
    }
    #expect(registered > 0 && registered < orders.count)
  }

  @Test func twoRegistrationsThatShareABranchRegisterItOnce() throws {
    for (number, order) in TwoSessions.orders(2, 2).enumerated() {
      let id = "t\(number)"
      try write([Sample.begin(id)])
      let writes = [["a", "b"], ["b", "c"]].map { branches in
        Write.register(id: id, branches: branches.map { Sample.branch($0) }, branchesMax: 9)
      }
      let batches = writes.map { SteppedBatch([$0]) }
      _ = try sessions.run(batches.map(\.steps), in: order)
      // The second to come finds one of its branches there, and registers the other.
      for (write, batch) in zip(writes, batches)
      where try batch.answers(reading: reader)[id] == nil {
        try self.write([write.remaining(besides: try row(id))])
      }
      let ids = try row(id).branches.map(\.id)
      #expect(ids == ["a", "b", "c"] || ids == ["b", "c", "a"], "order \(order)")
    }
  }

  @Test func aRenewedLeaseIsNotTakenOver() throws {
    let new = try join()
    var renewals = 0
    let orders = TwoSessions.orders(2, 4)
    for (number, order) in orders.enumerated() {
      let id = "t\(number)"
      let old = try join(lease: .seconds(-5))
      try write([Sample.execute(id, owner: old)])
      let isRenewed = Monitor(false)
      let page = Monitor<[StoredTransaction]>([])
      let renew: [TwoSessions.Step] = [
        { connection in
          try connection.run("BEGIN")
          let rows = try connection.execute(
            CoordinatorSQL.renew(Parameter(old), Parameter(Int64(60_000))))
          isRenewed.update { $0 = !rows.isEmpty }
        }, { connection in try connection.run("COMMIT") },
      ]
      let declare: [TwoSessions.Step] = [
        { connection in
          try connection.run("BEGIN")
          _ = try connection.execute(CoordinatorSQL.declareDead())
        }, { connection in try connection.run("COMMIT") },
        SteppedSweep.take(
          TransactionSQL.takeOver(
            Parameter(new), Parameter(Int64(10)), Parameter(Timestamp.distantPast)), page),
        { connection in try connection.run("COMMIT") },
      ]
      let errors = try sessions.run([renew, declare], in: order)
      #expect(errors[0].isEmpty && errors[1].isEmpty, "\(errors)")
      let taken = page.read { $0 }
      #expect(taken.map(\.id) == (isRenewed.read { $0 } ? [] : [id]), "order \(order)")
      if isRenewed.read({ $0 }) { renewals += 1 }
      _ = try Membership.answer(.leave(incarnation: old), on: reader)
      _ = try reader.execute(
        TransactionSQL.takeOver(
          Parameter(new), Parameter(Int64(10)), Parameter(Timestamp.distantPast)))
    }
    #expect(renewals > 0 && renewals < orders.count)
  }

  @Test func aTakeoverAndALateBatchCannotBothWin() throws {
    let new = try join()
    var late = 0
    let orders = TwoSessions.orders(3, 2)
    for (number, order) in orders.enumerated() {
      let id = "t\(number)"
      try write([Sample.execute(id, owner: 777)])
      let batch = SteppedBatch([
        Sample.update(id, owner: 777, to: PointRecord(state: .committing))
      ])
      let page = Monitor<[StoredTransaction]>([])
      let takeOver = SteppedSweep(
        TransactionSQL.takeOver(
          Parameter(new), Parameter(Int64(10)), Parameter(Timestamp.distantPast)), page)
      let errors = try sessions.run([takeOver.steps, batch.steps], in: order)
      #expect(errors[0].isEmpty && errors[1].isEmpty, "\(errors)")
      let isLate = try batch.answers(reading: reader)[id] == .applied
      if isLate { late += 1 }
      if page.read({ $0.isEmpty }) {
        // It held the row: the next sweep takes it, with its decision.
        #expect(isLate)
        let again = try reader.execute(
          TransactionSQL.takeOver(
            Parameter(new), Parameter(Int64(10)), Parameter(Timestamp.distantPast)))
        #expect(again.count == 1)
      }
      let row = try row(id)
      #expect(row.owner == new && row.fence == 2)
      #expect(row.point.state == (isLate ? .committing : .executing(.commit)))
      for taken in page.read({ $0 }) { #expect(taken == row, "order \(order)") }
    }
    #expect(late > 0 && late < orders.count)
  }

  @Test func twoBatchesOverTheSameRowsInOppositeOrderDoNotDeadlock() throws {
    for (number, order) in TwoSessions.orders(3, 3).enumerated() {
      let ids = (0..<6).map { "t\(number).\($0)" }
      try write(
        ids.enumerated().map {
          $0 < 3 ? Sample.execute($1, owner: 1) : Sample.begin($1)
        })
      func batch(_ state: Transaction.State, _ ids: [String]) -> SteppedBatch {
        SteppedBatch(
          ids.map { id in
            id.hasSuffix("0") || id.hasSuffix("1") || id.hasSuffix("2")
              ? Sample.update(id, owner: 1, to: PointRecord(state: state))
              : .register(
                id: id, branches: [Sample.branch(state == .prepared ? "p" : "c")],
                branchesMax: 9)
          })
      }
      // Statements: register, update.
      let one = batch(.prepared, ids)
      let other = batch(.committing, ids.reversed())
      let steps = [one, other].map(\.steps)
      let errors = try sessions.run(steps, in: order)
      #expect(errors[0].isEmpty && errors[1].isEmpty, "\(errors)")
      let states = try ids.prefix(3).map { try row($0).point.state }
      #expect(Set(states.map { StateCode($0) }).count == 1, "order \(order)")
    }
  }

  @Test(arguments: [false, true])
  func anIDIsInsertedOnceWithTheBranchesOfOne(firstRollsBack: Bool) throws {
    for (number, order) in TwoSessions.orders(2, 2).enumerated() {
      let id = "t\(number)"
      let one = SteppedBatch(
        [Sample.begin(id, hash: [1], branches: [Sample.branch("x")])],
        rollsBack: firstRollsBack)
      let other = SteppedBatch([Sample.begin(id, hash: [2], branches: [Sample.branch("y")])])
      let errors = try sessions.run([one.steps, other.steps], in: order)
      #expect(errors[0].isEmpty && errors[1].isEmpty, "\(errors)")
      let row = try row(id)
      let winner = row.contentHash == [1] ? one : other
      #expect(row.branches.map(\.id) == (row.contentHash == [1] ? ["x"] : ["y"]))
      #expect(try winner.answers(reading: reader)[id] == .inserted)
      if firstRollsBack {
        // Whoever waited for the one that rolled back took effect in its stead.
        #expect(row.contentHash == [2])
      } else {
        let loser = row.contentHash == [1] ? other : one
        #expect(try loser.answers(reading: reader)[id] == .exists(row))
      }
    }
  }
}

/// A sweep as the steps of a session.
private struct SteppedSweep {
  private let statement: StatementCall
  private let page: Monitor<[StoredTransaction]>

  init(_ statement: StatementCall, _ page: Monitor<[StoredTransaction]>) {
    self.statement = statement
    self.page = page
  }

  /// The page, its rows, the end.
  var steps: [TwoSessions.Step] {
    let ids = Monitor<[String]>([])
    let (statement, page) = (statement, page)
    return [
      { connection in
        try connection.run("BEGIN")
        let taken = try connection.execute(statement).map { try $0.value(0, as: String.self) }
        ids.update { $0 = taken }
      },
      { connection in try Self.read(ids.read { $0 }, into: page, on: connection) },
      { connection in try connection.run("COMMIT") },
    ]
  }

  /// The page and its rows as one step.
  static func take(
    _ statement: StatementCall, _ page: Monitor<[StoredTransaction]>
  ) -> TwoSessions.Step {
    { connection in
      try connection.run("BEGIN")
      let ids = try connection.execute(statement).map { try $0.value(0, as: String.self) }
      try read(ids, into: page, on: connection)
    }
  }

  private static func read(
    _ ids: [String], into page: Monitor<[StoredTransaction]>, on connection: Connection
  ) throws {
    let found = try StoredRows.get(ids, on: connection).compactMap { answer in
      if case .found(let row) = answer { row } else { nil }
    }
    page.update { $0 = found }
  }
}
