package import Mode

/// A change that must be durable before it is answered, by the answer of the same name.
package enum Write: Equatable, Sendable {
  /// Bytes that the definitions of a transaction's branches may amount to: they stand in its row,
  /// which each registration writes again.
  package static let branchBytesMax = 16 << 20

  /// A new transaction, ACTIVE and ownerless, or (Execute) in a later state and owned.
  case insert(NewTransaction)
  /// More branches, all or none, for an ACTIVE transaction. A branch that is there already with the
  /// same definition counts as registered, in any state.
  case register(id: String, branches: [BranchRecord], branchesMax: Int)
  /// Commit, Start or Rollback of a transaction that nobody drives: an ACTIVE, ownerless row gets
  /// this owner, a higher fence and the new state; the branches are read after that.
  case take(Take)
  /// The next point of a transaction that this incarnation drives.
  case update(Update)

  package var id: String {
    switch self {
    case .insert(let new): new.id
    case .register(let id, _, _): id
    case .take(let take): take.id
    case .update(let update): update.id
    }
  }
}

package struct NewTransaction: Equatable, Sendable {
  package var id: String
  /// SHA-256 over the canonical request.
  package var contentHash: [UInt8]
  package var deadline: Instant
  package var createdAt: Instant
  /// Nil for Begin. For Execute the incarnation that drives it; the fence starts at 1.
  package var owner: Int64?
  package var point: PointRecord
  package var branches: [BranchRecord]
  /// Who is told the end, in canonical protobuf; nil: nobody.
  package var completion: [UInt8]?

  package init(
    id: String, contentHash: [UInt8], deadline: Instant, createdAt: Instant, owner: Int64?,
    point: PointRecord, branches: [BranchRecord], completion: [UInt8]? = nil
  ) {
    self.id = id
    self.contentHash = contentHash
    self.deadline = deadline
    self.createdAt = createdAt
    self.owner = owner
    self.point = point
    self.branches = branches
    self.completion = completion
  }
}

package struct Take: Equatable, Sendable {
  package enum Verb: Equatable, Sendable {
    /// To EXECUTING(commit); needs the deadline ahead and must-succeed branches above all others.
    case commit
    /// To EXECUTING(start); same conditions.
    case start
    /// To ROLLING_BACK with this reason; no condition.
    case rollback(ReasonRecord)
  }
  package var id: String
  package var verb: Verb
  package var owner: Int64

  package init(id: String, verb: Verb, owner: Int64) {
    self.id = id
    self.verb = verb
    self.owner = owner
  }
}

package struct Update: Equatable, Sendable {
  package var id: String
  package var owner: Int64
  package var fence: Int64
  /// The state that the row has now, if all is well.
  package var from: Transaction.State
  package var point: PointRecord
  /// Nothing changes once the deadline has passed by the database's clock.
  package var needsDeadlineAhead: Bool
  /// Failures and operator's actions for the `attempt` table: best effort, ride along.
  package var notes: [AttemptNote]

  package init(
    id: String, owner: Int64, fence: Int64, from: Transaction.State, point: PointRecord,
    needsDeadlineAhead: Bool = false, notes: [AttemptNote] = []
  ) {
    self.id = id
    self.owner = owner
    self.fence = fence
    self.from = from
    self.point = point
    self.needsDeadlineAhead = needsDeadlineAhead
    self.notes = notes
  }
}
