package import Mode

/// Where decisions are kept. Two stores answer alike: PostgreSQL, and memory for the simulation.
///
/// A write is queued and answered later: the answer comes to the sink of the write's shard, many at a time, so that a
/// batch wakes each shard once. An answer is given only when what it says is durable.
package protocol TransactionStore: Sendable {
  /// Queues a write.
  ///
  /// - Parameters:
  ///   - write: at most one write of a transaction may be under way; the shard sees to that
  ///   - ticket: names the write in its answer; unique in the shard
  ///   - shard: whose sink gets the answer
  /// - Returns: false when the queue is full; nothing was queued then
  func submit(_ write: Write, ticket: UInt64, shard: Int) -> Bool

  /// Queues a read or a sweep; it is answered like a write, in no order with writes.
  func submit(_ query: Query, ticket: UInt64, shard: Int) -> Bool
}

/// Takes the answers of one shard's writes and queries. Called on a thread of the store.
package protocol AnswerSink: AnyObject, Sendable {
  func completed(_ answers: [(ticket: UInt64, answer: Answer)])
}

/// A change that must be durable before it is answered.
package enum Write: Equatable, Sendable {
  /// A new transaction, ACTIVE and ownerless, or (Execute) in a later state and owned. Answers: `.applied`, or
  /// `.conflict` with the row of the same id.
  case insert(NewTransaction)
  /// More branches, all or none, for an ACTIVE transaction. A branch that is there already with the same definition counts as
  /// registered, in any state. Answers: `.registered`, `.absent`, `.notActive`, `.branchConflict`, `.tooManyBranches`.
  case register(id: String, branches: [BranchRecord], branchesMax: Int)
  /// Commit, Start or Rollback of a transaction that nobody drives: an ACTIVE, ownerless row gets this owner, a higher fence and
  /// the new state; the branches are read after that. Answers: `.taken`, or `.untaken` with the row as it is (deadline
  /// passed, order of levels refused, another state, an owner), or `.absent`.
  case take(Take)
  /// The next point of a transaction that this incarnation drives. Answers: `.applied`; `.deadlinePassed` where the write
  /// asked for that and nothing changed; `.deposed` with the row when another drives it, or it is gone.
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

  package init(
    id: String, contentHash: [UInt8], deadline: Instant, createdAt: Instant, owner: Int64?,
    point: PointRecord, branches: [BranchRecord]
  ) {
    self.id = id
    self.contentHash = contentHash
    self.deadline = deadline
    self.createdAt = createdAt
    self.owner = owner
    self.point = point
    self.branches = branches
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

/// What a point writes into the transaction's row.
package struct PointRecord: Equatable, Sendable {
  package var state: Transaction.State
  package var reason: ReasonRecord?
  package var attention: AttentionRecord?
  package var paused: Bool
  /// Set where the transaction leaves memory until then.
  package var due: Instant?
  /// Set where the transaction ends with this point.
  package var endedAt: Instant?
  /// By index of the branch; empty: this point has nothing to say of them (the columns stay as they are).
  package var outcomes: [OutcomeRecord]

  package init(
    state: Transaction.State, reason: ReasonRecord? = nil, attention: AttentionRecord? = nil,
    paused: Bool = false, due: Instant? = nil, endedAt: Instant? = nil,
    outcomes: [OutcomeRecord] = []
  ) {
    self.state = state
    self.reason = reason
    self.attention = attention
    self.paused = paused
    self.due = due
    self.endedAt = endedAt
    self.outcomes = outcomes
  }
}

package struct ReasonRecord: Equatable, Sendable {
  package var cause: Transaction.RollbackReason.Cause
  package var branch: Int?
  /// At most 1 KiB.
  package var text: String

  package init(cause: Transaction.RollbackReason.Cause, branch: Int? = nil, text: String) {
    self.cause = cause
    self.branch = branch
    self.text = text
  }
}

package struct AttentionRecord: Equatable, Sendable {
  package var cause: Transaction.Attention.Cause
  package var branch: Int
  /// At most 1 KiB.
  package var text: String

  package init(cause: Transaction.Attention.Cause, branch: Int, text: String) {
    self.cause = cause
    self.branch = branch
    self.text = text
  }
}

package struct OutcomeRecord: Equatable, Sendable {
  package var phaseOne: BranchProgress.PhaseOne
  package var phaseTwo: BranchProgress.PhaseTwo
  package var attempts: UInt32
  package var landsUntil: Instant?
  /// When the next attempt was due at the time of the point.
  package var nextAt: Instant?
  /// Nil: none, or omitted.
  package var reply: [UInt8]?
  package var replyOmitted: Bool
  package var error: String

  package init(
    phaseOne: BranchProgress.PhaseOne = .untouched, phaseTwo: BranchProgress.PhaseTwo = .none,
    attempts: UInt32 = 0, landsUntil: Instant? = nil, nextAt: Instant? = nil,
    reply: [UInt8]? = nil, replyOmitted: Bool = false, error: String = ""
  ) {
    self.phaseOne = phaseOne
    self.phaseTwo = phaseTwo
    self.attempts = attempts
    self.landsUntil = landsUntil
    self.nextAt = nextAt
    self.reply = reply
    self.replyOmitted = replyOmitted
    self.error = error
  }
}

/// A branch as it was registered; its row is never updated.
package struct BranchRecord: Equatable, Sendable {
  package var id: String
  package var level: UInt32
  package var mode: BranchMode
  package var role: BranchPlan.Role
  /// Whom phase one calls, for those who read the table: `grpc://stock:9000/shop.Stock/Reserve`.
  package var target: String
  /// The branch as it was sent, in canonical protobuf.
  package var definition: [UInt8]

  package init(
    id: String, level: UInt32, mode: BranchMode, role: BranchPlan.Role, target: String,
    definition: [UInt8]
  ) {
    self.id = id
    self.level = level
    self.mode = mode
    self.role = role
    self.target = target
    self.definition = definition
  }
}

/// A failed attempt, or an operator's action.
package struct AttemptNote: Equatable, Sendable {
  package var branch: Int
  package var action: Action
  package var attempt: UInt32
  package var at: Instant
  /// At most 1 KiB.
  package var text: String

  package init(branch: Int, action: Action, attempt: UInt32, at: Instant, text: String) {
    self.branch = branch
    self.action = action
    self.attempt = attempt
    self.at = at
    self.text = text
  }
}

/// A transaction as the store holds it.
package struct StoredTransaction: Equatable, Sendable {
  package var id: String
  package var contentHash: [UInt8]
  package var deadline: Instant
  package var createdAt: Instant
  package var owner: Int64?
  package var fence: Int64
  package var point: PointRecord
  /// In the order of registration, which the indexes of outcomes and reasons refer to. Empty in lists; `branchCount` is right there too.
  package var branches: [BranchRecord]
  package var branchCount: Int
  /// What was accepted last, Start or Commit; it stays when the state goes on from EXECUTING.
  package var intent: Transaction.Intent?
  /// Only the id, the hash and the end are left of it (`retention` has passed, `id_retention` has not).
  package var removed: Bool

  package init(
    id: String, contentHash: [UInt8], deadline: Instant, createdAt: Instant, owner: Int64?,
    fence: Int64, point: PointRecord, branches: [BranchRecord], branchCount: Int,
    intent: Transaction.Intent? = nil, removed: Bool = false
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
    self.removed = removed
  }
}

/// A read, or a sweep that takes rows a page at a time (`FOR UPDATE SKIP LOCKED`).
package enum Query: Equatable, Sendable {
  /// Answers `.found` or `.absent`.
  case get(id: String)
  /// Answers `.page`, newest first, without branches and replies.
  case list(ListFilter)
  /// Takes unfinished rows whose owner is dead or absent from the table (an ACTIVE row has none and is left alone; rows parked until
  /// after `dueBefore` too): sets this owner, a higher fence. Answers `.page` with branches.
  case takeOver(owner: Int64, dueBefore: Instant, limit: Int)
  /// Reads parked rows of this owner that are due before then. Answers `.page` with branches.
  case due(owner: Int64, before: Instant, limit: Int)
  /// Takes ACTIVE rows whose deadline has passed: to ROLLING_BACK with the cause `deadline`, this owner, a higher fence.
  /// Answers `.page` with branches.
  case expire(owner: Int64, limit: Int)
  /// Removes what `retention` and `id_retention` have passed for. Answers `.swept`.
  case removeFinished(retention: Span, idRetention: Span, limit: Int)
  /// A new incarnation. Answers `.joined`.
  case join(node: String, address: String, lease: Span)
  /// Prolongs the lease. Answers `.renewed`, or `.dead`.
  case renew(incarnation: Int64, lease: Span)
  /// Declares incarnations whose lease has run out dead. Answers `.swept` with their number.
  case declareDead
  /// Gives the lease back at a clean stop, so that others need not wait for its end. Answers `.swept`.
  case leave(incarnation: Int64)
}

package struct ListFilter: Equatable, Sendable {
  /// Empty: all. EXECUTING counts with either intent.
  package var states: [Transaction.State]
  package var needsAttention: Bool
  package var idPrefix: String
  package var createdFrom: Instant?
  package var createdTo: Instant?
  /// Continues after this row: its creation and id.
  package var after: (createdAt: Instant, id: String)?
  package var limit: Int

  package init(
    states: [Transaction.State] = [], needsAttention: Bool = false, idPrefix: String = "",
    createdFrom: Instant? = nil, createdTo: Instant? = nil,
    after: (createdAt: Instant, id: String)? = nil, limit: Int = 100
  ) {
    self.states = states
    self.needsAttention = needsAttention
    self.idPrefix = idPrefix
    self.createdFrom = createdFrom
    self.createdTo = createdTo
    self.after = after
    self.limit = limit
  }

  package static func == (left: ListFilter, right: ListFilter) -> Bool {
    left.states == right.states && left.needsAttention == right.needsAttention
      && left.idPrefix == right.idPrefix && left.createdFrom == right.createdFrom
      && left.createdTo == right.createdTo && left.limit == right.limit
      && left.after?.createdAt == right.after?.createdAt && left.after?.id == right.after?.id
  }
}

/// What a write or a query came to.
package enum Answer: Equatable, Sendable {
  case applied
  case conflict(StoredTransaction)
  case registered(branchCount: Int)
  case notActive(Transaction.State)
  case branchConflict(branch: String)
  case tooManyBranches(count: Int)
  case taken(StoredTransaction)
  case untaken(StoredTransaction)
  case deadlinePassed
  case deposed(StoredTransaction?)
  case absent
  case found(StoredTransaction)
  /// `driverGoneAt`: by transaction, the time since when its old owner makes no calls; only `takeOver` fills it.
  case page([StoredTransaction], driverGoneAt: [Instant])
  case swept(Int)
  /// The incarnation, and the database's clock at the join.
  case joined(incarnation: Int64, now: Instant)
  case renewed(now: Instant)
  case dead
  /// The database could not be reached within the bound, or the item alone fails: nothing is known to be durable. A write
  /// that fails so may still have taken effect; repeating it is safe.
  case failed(String)
}
