package import Mode

// What a write came to. `failed`: the database could not be reached within the bound, or the item
// alone fails. Nothing is known to be durable then; it may still have taken effect, and repeating
// it is safe.

/// What an insert came to.
package enum InsertAnswer: Equatable, Sendable {
  case inserted
  /// Another transaction has the id.
  indirect case exists(StoredTransaction)
  case failed(String)
}

/// What a registration came to.
package enum RegisterAnswer: Equatable, Sendable {
  /// With the number of all branches.
  case registered(branchCount: Int)
  case absent
  case notActive(Transaction.State)
  /// A branch of that id is there with another definition.
  case branchConflict(branch: String)
  /// How many branches the transaction would have.
  case tooManyBranches(count: Int)
  /// Past `Write.branchBytesMax`; how many bytes it would be.
  case branchesTooLarge(bytes: Int)
  case failed(String)
}

/// What Commit, Start or Rollback of a transaction that nobody drives came to.
package enum TakeAnswer: Equatable, Sendable {
  case taken(StoredTransaction)
  /// The row as it is: its deadline passed, the order of levels refused, another state, an owner.
  case untaken(StoredTransaction)
  case absent
  case failed(String)
}

/// What the next point of a driven transaction came to.
package enum UpdateAnswer: Equatable, Sendable {
  case applied
  /// The write asked for the deadline to be ahead; nothing changed.
  case deadlinePassed
  /// Another drives it, or it is gone.
  indirect case deposed(StoredTransaction?)
  case failed(String)
}
