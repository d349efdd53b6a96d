/// How a branch takes part.
package enum BranchMode: UInt8, Equatable, Hashable, Sendable {
  /// Try, then confirm or cancel.
  case tcc = 1
  /// Action, and compensation where the transaction rolls back.
  case saga = 2
}

/// One of the calls that a participant serves.
package enum Action: UInt8, Equatable, Hashable, Sendable, CaseIterable {
  case `try` = 1
  case confirm = 2
  case cancel = 3
  case action = 4
  case compensation = 5
}

/// What the rules know of a branch: all but where its calls go and what they carry.
package struct BranchPlan: Equatable, Sendable {
  /// Who calls phase one, and when.
  package enum Role: UInt8, Equatable, Hashable, Sendable {
    /// Caravan calls phase one on the branch's level.
    case ordinary = 0
    /// A Saga branch without compensation: it runs after the decision to commit (forward recovery).
    case mustSucceed = 1
    /// The caller calls phase one by itself (rule 9).
    case calledByCaller = 2
  }

  package var mode: BranchMode
  package var level: UInt32
  package var role: Role
  package var retry: RetryPolicy
  /// Its phase one, or its undo, carries a part of what a branch on a lower level replied.
  package var usesReplies: Bool
  /// Its undo carries a part of what its own phase one replied, where that is known.
  package var undoUsesOwnReply: Bool

  package init(
    mode: BranchMode, level: UInt32, role: Role = .ordinary, retry: RetryPolicy = RetryPolicy(),
    usesReplies: Bool = false, undoUsesOwnReply: Bool = false
  ) {
    self.mode = mode
    self.level = level
    self.role = role
    self.retry = retry
    self.usesReplies = usesReplies
    self.undoUsesOwnReply = undoUsesOwnReply
  }

  /// The call of phase one.
  package var phaseOneAction: Action { mode == .tcc ? .try : .action }

  /// The call that takes phase one back.
  package var undoAction: Action { mode == .tcc ? .cancel : .compensation }
}

/// Why a set of branches cannot be committed.
package enum PlanError: Error, Equatable, Sendable {
  /// A branch that must succeed stands at or below the level of one that can be undone.
  case mustSucceedNotAbove(branch: Int, level: UInt32, ordinaryLevelMax: UInt32)
}

extension Array where Element == BranchPlan {
  /// Rule 4: branches that must succeed stand on levels above all others.
  package func checkForwardRecovery() throws(PlanError) {
    var ordinaryLevelMax: UInt32?
    for plan in self where plan.role != .mustSucceed {
      ordinaryLevelMax = Swift.max(ordinaryLevelMax ?? 0, plan.level)
    }
    guard let ordinaryLevelMax else { return }
    for (index, plan) in enumerated()
    where plan.role == .mustSucceed && plan.level <= ordinaryLevelMax {
      throw .mustSucceedNotAbove(
        branch: index, level: plan.level, ordinaryLevelMax: ordinaryLevelMax)
    }
  }
}
