import Postgres
import PostgresTesting
import Testing

@Suite struct ConnectionTests {
  let database: TestDatabase

  init() throws {
    database = try TestDatabase("connection")
  }

  private func roundTrip<Value: DatabaseValue & Equatable>(
    _ values: [Value?], as name: String, by connection: Connection
  ) throws {
    let one = Statement("one_\(name)", "SELECT $1::\(name), pg_typeof($1)::text")
    for value in values {
      let row = try connection.execute(one(Parameter(value)))[0]
      #expect(try row.optional(0) == value)
      #expect(try row.value(1) == name)
    }
    let many = Statement("many_\(name)", "SELECT $1::\(name)[], cardinality($1)")
    let row = try connection.execute(many(Parameter(array: values)))[0]
    #expect(try row.array(0) == values)
    #expect(try row.value(1) == Int32(values.count))
    let none = try connection.execute(many(Parameter(array: [Value?]())))[0]
    #expect(try none.array(0, of: Value.self) == [])
    let null = Statement("null_\(name)", "SELECT NULL::\(name)[]")
    #expect(try connection.execute(null())[0].array(0, of: Value.self) == nil)
  }

  @Test func everyTypeGoesThereAndBackAlsoInArraysWithNulls() throws {
    let connection = try database.connect()
    try roundTrip([0, -1, nil, .min, .max] as [Int16?], as: "smallint", by: connection)
    try roundTrip([0, -1, nil, .min, .max] as [Int32?], as: "integer", by: connection)
    try roundTrip([0, -1, nil, .min, .max] as [Int64?], as: "bigint", by: connection)
    try roundTrip([true, false, nil] as [Bool?], as: "boolean", by: connection)
    try roundTrip(["", "aé🚃'\\\"{},NULL", nil] as [String?], as: "text", by: connection)
    try roundTrip([[], [0, 255, 39, 92], nil] as [[UInt8]?], as: "bytea", by: connection)
    try roundTrip(
      [
        Timestamp(unixMicroseconds: 0), nil, Timestamp(unixMicroseconds: 1_700_000_000_000_001),
        Timestamp(unixMicroseconds: -1),
      ], as: "timestamp with time zone", by: connection)
  }

  @Test func momentsMeanTheSameToTheServer() throws {
    let connection = try database.connect()
    let epoch = Statement("epoch", "SELECT (extract(epoch FROM $1::timestamptz) * 1000000)::bigint")
    for moment: Int64 in [0, 1, 946_684_800_000_000, 1_763_682_000_123_456, -5] {
      let row = try connection.execute(
        epoch(Parameter(Timestamp(unixMicroseconds: moment))))[0]
      #expect(try row.value(0) == moment)
    }
    let infinite = try connection.execute(
      Statement("infinite", "SELECT 'infinity'::timestamptz, '-infinity'::timestamptz")())[0]
    #expect(try infinite.value(0) == Timestamp(unixMicroseconds: .max))
    #expect(try infinite.value(1, as: Timestamp.self).unixMicroseconds < -(1 << 60))
  }

  @Test func aColumnOfAnotherTypeOrNullIsAnError() throws {
    let connection = try database.connect()
    let row = try connection.execute(
      Statement("mixed", "SELECT 1::int4, NULL::int8, ARRAY[[1,2],[3,4]]")())[0]
    #expect(throws: PostgresError.self) { try row.value(0, as: Int64.self) }
    #expect(throws: PostgresError.self) { try row.value(1, as: Int64.self) }
    #expect(throws: PostgresError.self) { try row.array(2, of: Int32.self) }
    #expect(try row.optional(1, as: Int64.self) == nil)
    #expect(try row.value(0) == Int32(1))
  }

  @Test func aPipelineIsOneTransactionInOrder() throws {
    let connection = try database.connect()
    try connection.run("CREATE TABLE item (id int PRIMARY KEY, name text)")
    let insert = Statement(
      "insert", "INSERT INTO item SELECT * FROM unnest($1::int[], $2::text[]) RETURNING id")
    let count = Statement("count", "SELECT count(*), txid_current() FROM item")
    let outcome = try connection.pipeline([
      insert(Parameter(array: [1, 2] as [Int32]), Parameter(array: ["a", nil])), count(),
      insert(Parameter(array: [3] as [Int32]), Parameter(array: ["c"])), count(),
    ])
    guard case .committed(let results) = outcome else {
      Issue.record("\(outcome)")
      return
    }
    #expect(try results[0].map { try $0.value(0, as: Int32.self) } == [1, 2])
    #expect(try results[1][0].value(0) == Int64(2))
    #expect(try results[3][0].value(0) == Int64(3))
    #expect(try results[1][0].value(1, as: Int64.self) == results[3][0].value(1, as: Int64.self))
  }

  @Test func aFailingStatementUndoesThePipelineAndTheSessionGoesOn() throws {
    let connection = try database.connect()
    try connection.run("CREATE TABLE item (id int PRIMARY KEY)")
    let insert = Statement("insert", "INSERT INTO item VALUES ($1::int4)")
    let outcome = try connection.pipeline([
      insert(Parameter(Int32(1))), insert(Parameter(Int32(1))), insert(Parameter(Int32(2))),
    ])
    guard case .failed(let position, let error) = outcome else {
      Issue.record("\(outcome)")
      return
    }
    #expect(position == 1)
    #expect(error.code == .rejected)
    #expect(error.sqlState == "23505")
    #expect(error.constraint == "item_pkey")
    let count = Statement("count", "SELECT count(*) FROM item")
    #expect(try connection.execute(count())[0].value(0) == Int64(0))
    _ = try connection.execute(insert(Parameter(Int32(1))))
    #expect(try connection.execute(count())[0].value(0) == Int64(1))
  }

  @Test func aStatementThatCannotBePreparedFailsAlone() throws {
    let connection = try database.connect()
    let wrong = Statement("wrong", "SELECT nothing FROM nowhere")
    let right = Statement("right", "SELECT 1::int4")
    for _ in 0..<2 {
      let outcome = try connection.pipeline([right(), wrong(), right()])
      guard case .failed(1, let error) = outcome else {
        Issue.record("\(outcome)")
        return
      }
      #expect(error.sqlState == "42P01")
    }
    #expect(try connection.execute(right())[0].value(0) == Int32(1))
  }

  @Test func aCommitThatFailsIsSaidToHaveFailed() throws {
    let connection = try database.connect()
    try connection.run(
      "CREATE TABLE item (id int, UNIQUE (id) DEFERRABLE INITIALLY DEFERRED)")
    let insert = Statement("insert", "INSERT INTO item VALUES (1), (1)")
    let outcome = try connection.pipeline([insert()])
    guard case .failed(at: 1, let error) = outcome else {
      Issue.record("\(outcome)")
      return
    }
    #expect(error.sqlState == "23505")
    let count = Statement("count", "SELECT count(*) FROM item")
    #expect(try connection.execute(count())[0].value(0) == Int64(0))
  }

  @Test func pipelinesLargerThanAllBuffersDoNotLock() throws {
    let connection = try database.connect()
    let echo = Statement("echo", "SELECT $1::bytea")
    let large = [UInt8](repeating: 7, count: 1 << 20)
    let outcome = try connection.pipeline((0..<24).map { _ in echo(Parameter(large)) })
    guard case .committed(let results) = outcome else {
      Issue.record("\(outcome)")
      return
    }
    #expect(results.count == 24)
    #expect(try results.allSatisfy { try $0[0].value(0) == large })
  }

  @Test func aServerThatCannotBeReachedIsSaidSo() throws {
    let error = #expect(throws: PostgresError.self) {
      try Connection(ConnectionTarget(url: "postgresql://nobody@/none?host=/nonexistent"))
    }
    #expect(error?.code == .cannotConnect)
  }

  @Test func aLostSessionIsNoticed() throws {
    let connection = try database.connect()
    let victim = connection.backendProcess
    let other = try database.connect()
    let terminate = Statement("terminate", "SELECT pg_terminate_backend($1, 10000)")
    #expect(try other.execute(terminate(Parameter(victim)))[0].value(0) == true)
    let error = #expect(throws: PostgresError.self) {
      try connection.execute(Statement("one", "SELECT 1")())
    }
    #expect(error?.code == .connectionLost)
    #expect(!connection.isOpen)
    let again = #expect(throws: PostgresError.self) { try connection.run("SELECT 1") }
    #expect(again?.endsSession == true)
  }

  @Test func aRoundTripHasALimit() throws {
    let connection = try database.connect(roundTripLimit: .milliseconds(50))
    let error = #expect(throws: PostgresError.self) {
      try connection.execute(Statement("sleep", "SELECT pg_sleep(60)")())
    }
    #expect(error?.code == .timedOut)
    #expect(!connection.isOpen)
  }
}
