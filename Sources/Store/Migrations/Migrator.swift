package import Postgres

/// Brings the schema to what this program needs.
package enum Migrator {
  /// Runs the migrations that are missing, each in its own SQL transaction, and returns them;
  /// blocking. One that runs elsewhere is waited for.
  @discardableResult
  package static func migrate(
    _ target: ConnectionTarget, migrations: [Migration] = Migration.all
  ) throws(StoreError) -> [Migration] {
    var patient = target
    // A migration may take as long as its tables are large.
    patient.roundTripLimit = nil
    return try StoreError.mapping {
      let connection = try Connection(patient)
      defer { connection.close() }
      _ = try connection.execute(MigrationSQL.lock())
      try connection.run(MigrationSQL.prepare)
      let known = try checkApplied(connection, migrations)
      var done: [Migration] = []
      for migration in migrations where !known.contains(migration.number) {
        try apply(migration, connection)
        done.append(migration)
      }
      return done
    }
  }

  /// Throws unless exactly the migrations of this program were applied.
  static func check(
    _ connection: Connection, migrations: [Migration] = Migration.all
  ) throws(StoreError) {
    try StoreError.mapping {
      let exists: Bool = try connection.execute(MigrationSQL.exists())[0].value(0)
      let known = exists ? try checkApplied(connection, migrations) : []
      guard let missing = migrations.first(where: { !known.contains($0.number) }) else { return }
      throw StoreError(
        .schemaOlder,
        "the schema lacks migration \(missing.number) (\(missing.name)): run 'caravan migrate'")
    }
  }

  private static func apply(
    _ migration: Migration, _ connection: Connection
  ) throws(PostgresError) {
    try connection.run("BEGIN")
    do {
      try connection.run(migration.sql)
      let checksum = try checksum(of: migration, connection)
      _ = try connection.execute(
        MigrationSQL.record(
          Parameter(migration.number), Parameter(migration.name), Parameter(checksum)))
      try connection.run("COMMIT")
    } catch {
      if connection.isOpen { try connection.run("ROLLBACK") }
      throw error
    }
  }

  private static func checksum(
    of migration: Migration, _ connection: Connection
  ) throws(PostgresError) -> [UInt8] {
    try connection.execute(MigrationSQL.checksum(Parameter(migration.sql)))[0].value(0)
  }

  /// The numbers that were applied, all of which are this program's.
  private static func checkApplied(
    _ connection: Connection, _ migrations: [Migration]
  ) throws -> Set<Int32> {
    var numbers: Set<Int32> = []
    for row in try connection.execute(MigrationSQL.applied()) {
      let number: Int32 = try row.value(0)
      let name: String = try row.value(1)
      let checksum: [UInt8] = try row.value(2)
      guard let migration = migrations.first(where: { $0.number == number }) else {
        throw StoreError(
          .schemaNewer,
          "the schema has migration \(number) (\(name)), which this version of caravan does not"
            + " know: run the version that made it, or a later one")
      }
      guard try self.checksum(of: migration, connection) == checksum else {
        throw StoreError(
          .schemaForeign,
          "migration \(number) was applied as '\(name)' with other content than this version's"
            + " '\(migration.name)': the database belongs to another build")
      }
      numbers.insert(number)
    }
    return numbers
  }
}
