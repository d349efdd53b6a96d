package import Mode

/// What a write or a query came to.
package enum Answer: Equatable, Sendable {
  case applied
  case conflict(StoredTransaction)
  case registered(branchCount: Int)
  case notActive(Transaction.State)
  case branchConflict(branch: String)
  case tooManyBranches(count: Int)
  /// Past `Write.branchBytesMax`.
  case branchesTooLarge(bytes: Int)
  case taken(StoredTransaction)
  case untaken(StoredTransaction)
  case deadlinePassed
  case deposed(StoredTransaction?)
  case absent
  case found(StoredTransaction)
  /// `driverGoneAt`: by transaction, the time since when its old owner makes no calls; only
  /// `takeOver` fills it.
  case page([StoredTransaction], driverGoneAt: [Instant])
  case swept(Int)
  /// The incarnation, and the database's clock at the join.
  case joined(incarnation: Int64, now: Instant)
  case renewed(now: Instant)
  case dead
  /// The database could not be reached within the bound, or the item alone fails: nothing is known
  /// to be durable. A write
  /// that fails so may still have taken effect; repeating it is safe.
  case failed(String)
}
