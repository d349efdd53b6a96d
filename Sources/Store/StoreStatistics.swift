/// What the store did since it started: counters that only grow.
package struct StoreStatistics: Equatable, Sendable {
  /// Writes that were answered.
  package var writes = 0
  /// SQL transactions of writers that were committed.
  package var batches = 0
  /// SQL statements that writers ran.
  package var statements = 0
  /// Batches that PostgreSQL rejected and that went item by item, or once more.
  package var rejectedBatches = 0
  /// Writes that were answered `.failed`.
  package var failures = 0
  /// Sessions of writers that were lost.
  package var lostSessions = 0

  package init() {}
}
