package import Mode

// What a query came to. `failed`: the database could not be reached within the bound.

package enum GetAnswer: Equatable, Sendable {
  case found(StoredTransaction)
  case absent
  case failed(String)
}

package enum ListAnswer: Equatable, Sendable {
  case page([StoredTransaction])
  case failed(String)
}

package enum SweepAnswer: Equatable, Sendable {
  /// Rows that changed hands, with their branches.
  case page([TakenRow])
  /// How many rows were removed, or incarnations declared dead.
  case count(Int)
  case failed(String)
}

/// A row that a sweep took.
package struct TakenRow: Equatable, Sendable {
  package var row: StoredTransaction
  /// Since when its old owner makes no calls.
  package var driverGoneAt: Instant

  package init(row: StoredTransaction, driverGoneAt: Instant) {
    self.row = row
    self.driverGoneAt = driverGoneAt
  }
}

package enum CompletionAnswer: Equatable, Sendable {
  /// Rows whose end is now this node's to tell, with their branches.
  case claimed([StoredTransaction])
  case settled
  /// A later attempt has overtaken the one reported.
  case overtaken
  case failed(String)
}

package enum LeaseAnswer: Equatable, Sendable {
  /// With the database's clock at the join or the renewal.
  case held(incarnation: Int64, now: Instant)
  /// The incarnation is dead, or has left.
  case notHeld
  case failed(String)
}
