package import Mode

/// A transaction as the store holds it.
package struct StoredTransaction: Equatable, Sendable {
  package var id: String
  package var contentHash: [UInt8]
  package var deadline: Instant
  package var createdAt: Instant
  package var owner: Int64?
  package var fence: Int64
  package var point: PointRecord
  /// In the order of registration, which the indexes of outcomes and reasons refer to. Empty in
  /// lists; `branchCount` is right there too.
  package var branches: [BranchRecord]
  package var branchCount: Int
  /// What was accepted last, Start or Commit; it stays when the state goes on from EXECUTING.
  package var intent: Transaction.Intent?
  /// The incarnation that wrote the last insert, take or update; a takeover leaves it.
  package var writtenBy: Int64?
  /// Empty in lists.
  package var completion: CompletionRecord?
  /// Only the id, the hash and the end are left of it (`retention` has passed, `id_retention` has
  /// not).
  package var removed: Bool

  package init(
    id: String, contentHash: [UInt8], deadline: Instant, createdAt: Instant, owner: Int64?,
    fence: Int64, point: PointRecord, branches: [BranchRecord], branchCount: Int,
    intent: Transaction.Intent? = nil, writtenBy: Int64? = nil,
    completion: CompletionRecord? = nil, removed: Bool = false
  ) {
    self.id = id
    self.contentHash = contentHash
    self.deadline = deadline
    self.createdAt = createdAt
    self.owner = owner
    self.fence = fence
    self.point = point
    self.branches = branches
    self.branchCount = branchCount
    self.intent = intent
    self.writtenBy = writtenBy
    self.completion = completion
    self.removed = removed
  }
}
