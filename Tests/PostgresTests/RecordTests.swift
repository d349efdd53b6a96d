import PostgresTesting
import Testing

@testable import Postgres

/// Records as the server takes them and gives them back.
@Suite struct RecordTests {
  private let database: TestDatabase
  private let connection: Connection

  init() throws {
    database = try TestDatabase("records")
    connection = try database.connect()
    try connection.run(
      """
      CREATE TYPE part AS (number integer, name text);
      CREATE TYPE whole AS (id bigint, small smallint, flag boolean, at timestamptz, text text,
        bytes bytea, parts part[]);
      """)
  }

  @Test func everyKindOfFieldAndItsNullArrive() throws {
    var rows = RecordArray()
    for isNull in [false, true] {
      let record = rows.beginRecord(fields: 7)
      rows.add(isNull ? nil : Int64.min)
      rows.add(isNull ? nil : Int16(-2))
      rows.add(isNull ? nil : true)
      rows.add(isNull ? nil : Timestamp(unixMicroseconds: 1_763_000_000_123_456))
      rows.add(isNull ? nil : "größer")
      rows.add(isNull ? nil : [0, 255] as [UInt8])
      if isNull {
        rows.addNull()
      } else {
        let parts = rows.beginArray(count: 2)
        for number: Int32 in [7, 8] {
          let part = rows.beginItem(fields: 2)
          rows.add(number)
          rows.add(number == 7 ? "seven" : nil)
          rows.end(part)
        }
        rows.end(parts)
      }
      rows.end(record)
    }
    let found = try connection.execute(
      Statement("records", "SELECT w.* FROM unnest($1::whole[]) AS w")(rows.parameter()))
    #expect(try found[0].value(0) == Int64.min)
    #expect(try found[0].value(1) == Int16(-2))
    #expect(try found[0].value(2) == true)
    #expect(
      try found[0].value(3) == Timestamp(unixMicroseconds: 1_763_000_000_123_456))
    #expect(try found[0].value(4) == "größer")
    #expect(try found[0].value(5) == [0, 255] as [UInt8])
    let parts = try found[0].records(6) { record throws(PostgresError) in
      Part(number: try record.next(), name: try record.next())
    }
    #expect(parts == [Part(number: 7, name: "seven"), Part(number: 8, name: nil)])
    #expect(try found[1].optional(0, as: Int64.self) == nil)
    #expect(try found[1].optional(4, as: String.self) == nil)
    #expect(try found[1].records(6) { _ throws(PostgresError) in 0 } == nil)
  }

  @Test func emptyArraysArrive() throws {
    var rows = RecordArray()
    let none = try connection.execute(
      Statement("none", "SELECT w.* FROM unnest($1::whole[]) AS w")(rows.parameter()))
    #expect(none.isEmpty)
    rows = RecordArray()
    let record = rows.beginRecord(fields: 2)
    rows.add(Int32(1))
    rows.add("x")
    rows.end(record)
    let one = try connection.execute(
      Statement("one", "SELECT ARRAY[]::part[] FROM unnest($1::part[]) AS w")(rows.parameter()))
    #expect(try one[0].records(0) { _ throws(PostgresError) in 0 } == [])
  }

  @Test func aRecordThatHoldsSomethingElseIsAnError() throws {
    let row = try connection.execute(
      Statement("parts", "SELECT ARRAY[ROW(1, 'x')::part], ARRAY[1, 2]")())[0]
    #expect(throws: PostgresError.self) {
      try row.records(0) { record throws(PostgresError) in try record.next(String.self) }
    }
    #expect(throws: PostgresError.self) {
      try row.records(0) { record throws(PostgresError) in
        for _ in 0..<2 { _ = try record.next(Int32.self) }
      }
    }
    #expect(throws: PostgresError.self) {
      try row.records(1) { record throws(PostgresError) in try record.next(Int32.self) }
    }
  }
}

private struct Part: Equatable {
  var number: Int32?
  var name: String?
}
