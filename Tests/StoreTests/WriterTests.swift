import Mode
import Postgres
import PostgresTesting
import Support
import Testing

@testable import Store

/// What the writers do with a full queue, a deadlock, a held row, and an end.
@Suite struct WriterTests {
  private let database: TestDatabase

  init() throws {
    database = try MigratedDatabase.make("writer")
  }

  private func store(writers: Int = 1, queueMax: Int = 8192) throws -> StoreUnderTest {
    try StoreUnderTest(database, .forTests(url: database.url, writers: writers, queueMax: queueMax))
  }

  @Test func aDeadlockedBatchIsRepeated() async throws {
    let store = try StoreUnderTest(database, .forTests(url: database.url, lockWait: .seconds(5)))
    for id in ["w", "x", "y"] { _ = await store.perform(Sample.execute(id, owner: 1)) }
    // While the writer waits for this row, the next two gather in one batch.
    let holder = try database.connect()
    try holder.run("BEGIN; SELECT FROM caravan.transaction WHERE id = 'w' FOR UPDATE")
    let other = try database.connect()
    // It never looks for deadlocks itself, so that the writer is the one who is ended.
    try other.run("SET deadlock_timeout = '60s'; BEGIN")
    try other.run("SELECT FROM caravan.transaction WHERE id = 'y' FOR UPDATE")
    let observer = try database.connect()
    let waiting = Statement(
      "waiting",
      """
      SELECT count(*) FROM pg_stat_activity
      WHERE datname = current_database() AND wait_event_type = 'Lock'
      """)
    let first = try #require(store.submit(Sample.update("w", owner: 1, to: Sample.committed)))
    #expect(
      await eventually {
        (try? observer.execute(waiting())[0].value(0, as: Int64.self)) == 1
      })
    let rest = ["y", "x"].compactMap {
      store.submit(Sample.update($0, owner: 1, to: Sample.committed))
    }
    try holder.run("COMMIT")
    #expect(await store.answer(to: first) == .applied)
    #expect(
      await eventually {
        (try? observer.execute(waiting())[0].value(0, as: Int64.self)) == 1
      })
    try other.run("SELECT FROM caravan.transaction WHERE id = 'x' FOR UPDATE; COMMIT")
    #expect(rest.count == 2)
    for ticket in rest { #expect(await store.answer(to: ticket) == .applied) }
    #expect((store.postgres?.statistics.rejectedBatches ?? 0) >= 1)
  }

  @Test func aRowThatSomebodyHoldsFailsAlone() async throws {
    let store = try StoreUnderTest(
      database, .forTests(url: database.url, lockWait: .milliseconds(200)))
    for id in ["x", "y", "z"] { _ = await store.perform(Sample.execute(id, owner: 1)) }
    let other = try database.connect()
    try other.run("BEGIN; SELECT FROM caravan.transaction WHERE id = 'y' FOR UPDATE")
    let answers = await store.perform(
      together: ["x", "y", "z"].map { Sample.update($0, owner: 1, to: Sample.committed) })
    try other.run("ROLLBACK")
    #expect(answers[0] == .applied)
    #expect(answers[2] == .applied)
    #expect(answers[1].isFailure, "\(answers[1])")
    #expect(
      await store.perform(Sample.update("y", owner: 1, to: Sample.committed)) == .applied)
  }

  @Test func pastTheBoundOnlyWhatIsUnderWayIsTaken() async throws {
    let store = try store(queueMax: 10)
    _ = await store.perform(Sample.execute("x", owner: 1))
    let other = try database.connect()
    try other.run("BEGIN; LOCK TABLE caravan.transaction IN EXCLUSIVE MODE")
    var tickets: [UInt64] = []
    var refused = 0
    for number in 0..<20 {
      if let ticket = store.submit(Sample.begin("t\(number)")) {
        tickets.append(ticket)
      } else {
        refused += 1
      }
    }
    #expect(refused == 10)
    let update = try #require(store.submit(Sample.update("x", owner: 1, to: Sample.committed)))
    try other.run("COMMIT")
    for ticket in tickets { #expect(await store.answer(to: ticket) == .inserted) }
    #expect(await store.answer(to: update) == .applied)
    #expect(await store.perform(Sample.begin("after")) == .inserted)
  }

  @Test func whatIsQueuedIsAnsweredBeforeTheEnd() async throws {
    let store = try store(writers: 3)
    let tickets = (0..<500).compactMap { store.submit(Sample.begin("t\($0)")) }
    store.postgres?.stop()
    #expect(store.submit(Sample.begin("late")) == nil)
    #expect(tickets.count == 500)
    for ticket in tickets { #expect(await store.answer(to: ticket) == .inserted) }
    let statistics = try #require(store.postgres?.statistics)
    #expect(statistics.writes == 500)
    #expect(statistics.failures == 0)
    // Group commit: far fewer SQL transactions than writes.
    #expect(statistics.batches < 250)
  }

  /// On fresh tables the planner would rather scan them whole, at a cost that grows with them.
  @Test func everyStatementOfAWriterReadsByIndex() async throws {
    let store = try store()
    for round in 0..<3 {
      let ids = (0..<100).map { "t\(round).\($0)" }
      _ = await store.perform(together: ids.map { Sample.begin($0) })
      _ = await store.perform(
        together: ids.map {
          .register(id: $0, branches: [Sample.branch("a")], branchesMax: 9)
        })
      _ = await store.perform(
        together: ids.map { .take(Take(id: $0, verb: .commit, owner: 1)) })
      _ = await store.perform(
        together: ids.map { Sample.update($0, owner: 1, to: Sample.committed) })
      _ = await store.perform(together: ids.map { Sample.execute($0, owner: 1) })
    }
    // A session that ends reports what it counted.
    store.postgres?.stop()
    let observer = try database.connect()
    let scans = Statement(
      "scans",
      """
      SELECT sum(idx_scan)::bigint, sum(seq_scan)::bigint FROM pg_stat_user_tables
      WHERE schemaname = 'caravan' AND relname IN ('transaction', 'branch')
      """)
    var seen: (index: Int64, sequential: Int64) = (0, 0)
    _ = await eventually {
      guard let row = try? observer.execute(scans())[0] else { return false }
      seen = ((try? row.value(0)) ?? 0, (try? row.value(1)) ?? -1)
      return seen.index > 1000
    }
    #expect(seen.index > 1000)
    #expect(seen.sequential == 0)
  }

  @Test func aStoreDoesNotOpenOnAForeignSchema() throws {
    let empty = try TestDatabase("empty")
    let older = #expect(throws: StoreError.self) {
      try StoreUnderTest(empty, .forTests(url: empty.url))
    }
    #expect(older?.code == .schemaOlder)
    let connection = try database.connect()
    try connection.run("INSERT INTO caravan.migration VALUES (99, 'later', '')")
    let newer = #expect(throws: StoreError.self) { try store() }
    #expect(newer?.code == .schemaNewer)
    try connection.run("DELETE FROM caravan.migration WHERE number = 99")
    try connection.run("UPDATE caravan.migration SET checksum = '' WHERE number = 1")
    let foreign = #expect(throws: StoreError.self) { try store() }
    #expect(foreign?.code == .schemaForeign)
  }
}
