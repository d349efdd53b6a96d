/// The rules of one transaction: events in, effects out.
///
///     active ──commit/start──► executing ──all done──► committing (if there is something to confirm) ──► committed
///       │                        │  └──all done, after start──► prepared ──commit──► committing or committed
///       │                        │                                 │
///       └──rollback / deadline───┴──refused / exhausted /──────────┴──rollback / deadline──► rollingBack ──► rolledBack
///                                   rollback / deadline
///
/// Comments name rules by their numbers in docs/design.md.
///
/// A value: its keeper applies an event to a copy, makes the copy durable where the step says so,
/// keeps the copy, and then makes the calls. Nothing here knows a clock, a socket or a table.
package struct Transaction: Equatable, Sendable {
  /// What the caller asked phase one for.
  package enum Intent: UInt8, Equatable, Sendable {
    /// Phase one, then wait for the word.
    case start = 1
    /// Phase one, then commit.
    case commit = 2
  }

  package enum State: Equatable, Sendable {
    /// Begun; nothing was called. Moves to: executing, prepared, committing, committed,
    /// rollingBack, rolledBack.
    case active
    /// Phase one runs, level by level. Moves to: prepared, committing, committed, rollingBack,
    /// rolledBack.
    case executing(Intent)
    /// Phase one is done, nothing is decided. Moves to: committing, committed, rollingBack,
    /// rolledBack.
    case prepared
    /// The decision is commit; confirms and branches that must succeed are owed. Moves to:
    /// committed.
    case committing
    /// The decision is rollback; undos are owed. Moves to: rolledBack.
    case rollingBack
    /// Ended. Moves to: nothing.
    case committed
    /// Ended. Moves to: nothing.
    case rolledBack
  }

  /// Why a transaction rolls back.
  package struct RollbackReason: Equatable, Sendable {
    package enum Cause: UInt8, Equatable, Sendable {
      case requested = 1
      case refused = 2
      case exhausted = 3
      case deadline = 4
    }
    package var cause: Cause
    /// The branch that caused it.
    package var branch: Int?

    package init(cause: Cause, branch: Int? = nil) {
      self.cause = cause
      self.branch = branch
    }
  }

  /// Why an operator should look.
  package struct Attention: Equatable, Sendable {
    package enum Cause: UInt8, Equatable, Sendable {
      /// A participant refused in phase two.
      case refused = 1
      /// More attempts in phase two than the policy takes as normal.
      case attempts = 2
    }
    package var cause: Cause
    package var branch: Int

    package init(cause: Cause, branch: Int) {
      self.cause = cause
      self.branch = branch
    }
  }

  package enum Event: Equatable, Sendable {
    /// The caller wants phase one, then to be asked.
    case start
    /// The caller wants the end to be commit.
    case commit
    /// The caller wants the end to be rollback.
    case rollback
    /// An attempt went out only now, because its step had to be durable first: its timeout counts
    /// from here.
    case sent(branch: Int, action: Action, attempt: UInt32)
    /// An attempt ended.
    case replied(branch: Int, action: Action, attempt: UInt32, CallResult)
    /// Something may be due: `nextDue` has come.
    case timer
    /// The participant of a branch that waits for its next attempt can be reached again: it need
    /// wait no longer than that.
    case reachable(branch: Int, by: Instant)
    /// The operator wants what waits for its next attempt to be tried now.
    case retryNow
    /// The operator stops the calls.
    case pause
    /// The operator lets the calls go on.
    case resume
    /// The operator states that a branch's phase two is done.
    case stated(branch: Int)
  }

  package enum Effect: Equatable, Sendable {
    /// Make this attempt; its end comes back as `replied`.
    case call(Attempt)
  }

  /// A point (docs/design.md, "What is durable when"): what must be durable before the step's
  /// effects.
  package enum Point: Equatable, Sendable {
    /// Commit or Start was accepted.
    case accepted
    /// What the levels below replied, before a branch that uses it is called; or what a branch
    /// replied after the decision to roll back, before its own undo carries it.
    case replies
    case prepared
    case decision
    case end
    /// A flag, or an operator's action.
    case flag
  }

  /// What an event brings about.
  package struct Step: Equatable, Sendable {
    /// What must be written first; nil: nothing.
    package var durable: Point?
    package var effects: [Effect]

    package init(durable: Point? = nil, effects: [Effect] = []) {
      self.durable = durable
      self.effects = effects
    }

    package static let nothing = Step()
  }

  package internal(set) var state: State
  /// In the order of registration; the index names a branch in events and effects.
  package let branches: [BranchPlan]
  package internal(set) var progress: [BranchProgress]
  /// Without a decision by then the transaction rolls back (rule 8).
  package let deadline: Instant
  /// Set with the decision to roll back.
  package internal(set) var reason: RollbackReason?
  package internal(set) var attention: Attention?
  package internal(set) var paused = false

  /// A transaction that was begun; nothing was called.
  package init(branches: [BranchPlan], deadline: Instant) {
    self.state = .active
    self.branches = branches
    self.progress = Array(repeating: BranchProgress(), count: branches.count)
    self.deadline = deadline
  }

  /// A transaction that another life, or this one, left in the store (docs/design.md,
  /// "After a crash").
  ///
  /// - Parameters:
  ///   - progress: as it was remembered at the last point; empty where none was
  ///   - sameLife: this life wrote the row and nobody drove the transaction since, so what it says
  ///     is exact
  ///   - driverGoneAt: the time since when nobody else makes calls: the load, or the end of the old
  ///     lease if that is later
  package init(
    restoring state: State, branches: [BranchPlan], progress: [BranchProgress],
    deadline: Instant, reason: RollbackReason?, attention: Attention?, paused: Bool,
    sameLife: Bool, driverGoneAt: Instant
  ) {
    self.state = state
    self.branches = branches
    self.progress =
      progress.isEmpty
      ? Array(repeating: BranchProgress(), count: branches.count) : progress.map(\.remembered)
    if !sameLife {
      for index in self.progress.indices { self.progress[index].attempts = 0 }
    }
    self.deadline = deadline
    self.reason = reason
    self.attention = attention
    self.paused = paused
    if state == .rollingBack, progress.isEmpty {
      // Rolled back before anything was called: only the caller's own calls may have happened.
      for index in branches.indices where branches[index].role == .calledByCaller {
        self.progress[index].phaseOne = .unknown
        self.progress[index].phaseTwo = .pending
      }
    }
    guard case .executing(let intent) = state else { return }
    let lowest = phaseOneLevel
    for index in branches.indices {
      switch branches[index].role {
      case .mustSucceed: break
      case .calledByCaller: if intent == .commit { self.progress[index].phaseOne = .done }
      case .ordinary:
        if sameLife || self.progress[index].phaseOne == .done { continue }
        // It is called only once the levels below are durably done.
        if branches[index].usesReplies, let lowest, lowest < branches[index].level { continue }
        let until = driverGoneAt + branches[index].retry.attemptTimeout
        self.progress[index].phaseOne = .unknown
        self.progress[index].landsUntil = max(until, self.progress[index].landsUntil ?? until)
      }
    }
  }

  /// The only door: what `event` makes of the transaction, and what is to be done about it.
  ///
  /// A repeated or late event changes nothing and returns `.nothing`.
  package mutating func apply(_ event: Event, at moment: Moment) throws(IllegalEvent) -> Step {
    // In place: what the table throws it throws before it changes anything.
    try transition(on: event, at: moment)
  }
}

/// An event that the state does not take.
package struct IllegalEvent: Error, Equatable, Sendable {
  package enum Code: Equatable, Sendable {
    /// The decision, or the end, went the other way.
    case decidedOtherwise
    /// The operator's statement is about a branch that owes nothing.
    case nothingOwed
    /// The branches cannot be committed.
    case plan(PlanError)
  }
  package var code: Code
  package var state: Transaction.State

  package init(_ code: Code, in state: Transaction.State) {
    self.code = code
    self.state = state
  }
}
