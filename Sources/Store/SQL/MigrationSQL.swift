import Postgres

/// The statements on `caravan.migration`.
enum MigrationSQL {
  /// The table that remembers; before any migration, so outside of them.
  static let prepare = """
    CREATE SCHEMA IF NOT EXISTS caravan;
    CREATE TABLE IF NOT EXISTS caravan.migration (
      number integer PRIMARY KEY,
      name text NOT NULL,
      checksum bytea NOT NULL,
      applied timestamptz NOT NULL DEFAULT clock_timestamp()
    );
    """

  /// Any number that no other program takes; the lock ends with the session.
  static let lock = Statement("migration_lock", "SELECT pg_advisory_lock(4918172930017263)::text")

  static let exists = Statement(
    "migration_exists", "SELECT to_regclass('caravan.migration') IS NOT NULL")

  static let applied = Statement(
    "migration_applied", "SELECT number, name, checksum FROM caravan.migration ORDER BY number")

  /// The checksum that a migration's text has.
  static let checksum = Statement(
    "migration_checksum", "SELECT sha256(convert_to($1, 'UTF8'))")

  static let record = Statement(
    "migration_record",
    "INSERT INTO caravan.migration (number, name, checksum) VALUES ($1, $2, $3)")
}
