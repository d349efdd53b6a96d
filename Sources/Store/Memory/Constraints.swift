import Mode

extension StoredTransaction {
  /// The name of the first constraint of the schema that the row or its branches break.
  var brokenConstraint: String? { brokenConstraintOfRow ?? brokenConstraintOfBranches }

  var brokenConstraintOfRow: String? {
    let code = StateCode(point.state)
    let rollsBack = code == .rollingBack || code == .rolledBack
    let checks: [(String, Bool)] = [
      ("id_length", (1...128).contains(id.utf8.count)),
      ("ended_is_the_end", (point.endedAt != nil) == code.isEnd),
      ("removed_after_the_end", code.isEnd || !removed),
      ("active_is_ownerless", (owner == nil) == (code == .active)),
      ("driven_has_a_fence", owner == nil || fence > 0),
      ("rollback_has_a_reason", (point.reason != nil) == rollsBack),
    ]
    return checks.first { !$0.1 }?.0
  }

  var brokenConstraintOfBranches: String? {
    let checks: [(String, Bool)] = [
      ("branch_id_length", branches.allSatisfy { (1...128).contains($0.id.utf8.count) }),
      ("level_range", branches.allSatisfy { $0.level <= 99_999 }),
      (
        "must_succeed_is_saga",
        branches.allSatisfy { $0.role != .mustSucceed || $0.mode == .saga }
      ),
      // An array has no key: who inserts a transaction with its branches has checked their ids.
      ("branch_pkey", owner != nil || Set(branches.map(\.id)).count == branches.count),
    ]
    return checks.first { !$0.1 }?.0
  }
}
