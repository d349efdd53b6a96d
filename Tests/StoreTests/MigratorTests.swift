import Mode
import Postgres
import PostgresTesting
import Testing

@testable import Store

@Suite struct MigratorTests {
  @Test func migrationsRunOnceHoweverManyRunThem() async throws {
    let database = try TestDatabase("migrator")
    let target = ConnectionTarget(url: database.url)
    let counts = await withTaskGroup(of: Int.self) { group in
      for _ in 0..<4 {
        group.addTask { (try? Migrator.migrate(target).count) ?? -1 }
      }
      return await group.reduce(into: []) { $0.append($1) }
    }
    #expect(counts.sorted() == [0, 0, 0, Migration.all.count])
    let connection = try database.connect()
    try Migrator.check(connection)
    #expect(Migration.all.map(\.number) == Array(1...Int32(Migration.all.count)))
  }

  @Test func aMigrationThatFailsLeavesNothingAndTheOnesBeforeIt() throws {
    let database = try TestDatabase("migrator")
    let target = ConnectionTarget(url: database.url)
    let bad = Migration(
      number: Int32(Migration.all.count + 1), name: "bad",
      sql: "CREATE TABLE caravan.half (id int); SELECT nothing FROM nowhere;")
    #expect(throws: StoreError.self) {
      try Migrator.migrate(target, migrations: Migration.all + [bad])
    }
    let connection = try database.connect()
    try Migrator.check(connection)
    let half = Statement("half", "SELECT to_regclass('caravan.half') IS NULL")
    #expect(try connection.execute(half())[0].value(0) == true)
    #expect(try Migrator.migrate(target).isEmpty)
  }

  @Test func aTransactionOfAnEarlierSchemaIsReadAsItWas() async throws {
    let database = try TestDatabase("migrator")
    let target = ConnectionTarget(url: database.url)
    try Migrator.migrate(target, migrations: Array(Migration.all.prefix(3)))
    let connection = try database.connect()
    try connection.run(
      """
      INSERT INTO caravan.transaction
        (id, state, intent, owner, written_by, fence, content_hash, deadline, created,
          reason_cause, reason_branch, reason, phase_one, phase_two, attempts, lands_until,
          next_at, reply, reply_omitted, error)
      VALUES ('old', 5, 2, 3, 3, 1, '\\x09', to_timestamp(4000000000), to_timestamp(1000000000),
        2, 1, 'no stock', '{2,3}', '{2,1}', '{1,4}', ARRAY[to_timestamp(1000000000), NULL], NULL,
        ARRAY['\\x0102'::bytea, NULL], NULL, '{"",no stock}');
      INSERT INTO caravan.branch VALUES
        ('old', 0, 'a', 1, 2, 0, 'grpc://a', '\\x01'), ('old', 1, 'b', 2, 1, 0, 'grpc://b', '\\x02');
      """)
    try Migrator.migrate(target)
    let store = try StoreUnderTest(database, .forTests(url: database.url))
    let row = try #require(await store.row("old"))
    #expect(row.branches.map(\.id) == ["a", "b"])
    #expect(
      row.point
        == PointRecord(
          state: .rollingBack, reason: Sample.refused,
          outcomes: [
            OutcomeRecord(
              phaseOne: .done, phaseTwo: .pending, attempts: 1, landsUntil: Sample.past,
              reply: [1, 2]),
            OutcomeRecord(phaseOne: .refused, attempts: 4, error: "no stock"),
          ]))
    let end = PointRecord(
      state: .rolledBack, reason: row.point.reason, endedAt: Sample.created,
      outcomes: row.point.outcomes)
    #expect(
      await store.perform(Sample.update("old", owner: 3, from: .rollingBack, to: end)) == .applied)
  }

  @Test func viewsShowStatesByNameAndBranchesWithTheirOutcome() async throws {
    let store = try StoreUnderTest(.postgres)
    let point = PointRecord(
      state: .rollingBack, reason: Sample.refused,
      attention: AttentionRecord(cause: .attempts, branch: 0, text: "look"),
      outcomes: [
        OutcomeRecord(phaseOne: .done, phaseTwo: .pending, attempts: 2, reply: [1, 2]),
        OutcomeRecord(phaseOne: .refused, error: "no stock"),
      ])
    _ = await store.perform(Sample.execute("t", owner: 1))
    _ = await store.perform(Sample.update("t", owner: 1, to: point))
    let connection = try #require(store.database).connect()
    let transaction = try connection.execute(
      Statement(
        "v1", "SELECT state, rollback_cause, needs_attention FROM caravan.transactions")())[0]
    #expect(try transaction.value(0) == "ROLLING_BACK")
    #expect(try transaction.value(1) == "REFUSED")
    #expect(try transaction.value(2) == "ATTEMPTS")
    let branches = try connection.execute(
      Statement(
        "v2",
        """
        SELECT id, mode, phase_one, phase_two, attempts, error, reply_bytes
        FROM caravan.branches ORDER BY ordinal
        """)())
    #expect(try branches[0].value(0) == "a")
    #expect(try branches[0].value(1) == "SAGA")
    #expect(try branches[0].value(2) == "DONE")
    #expect(try branches[0].value(3) == "PENDING")
    #expect(try branches[0].value(4) == Int32(2))
    #expect(try branches[0].optional(5, as: String.self) == nil)
    #expect(try branches[0].value(6) == Int32(2))
    #expect(try branches[1].value(2) == "REFUSED")
    #expect(try branches[1].value(5) == "no stock")
  }
}
