import Mode
import Store

extension StoredTransaction {
  /// The name of the first constraint of the schema that the row or its branches break.
  var brokenConstraint: String? {
    let state = point.state
    let checks: [(String, Bool)] = [
      ("id_length", (1...128).contains(id.utf8.count)),
      (
        "finished_is_the_end",
        (point.endedAt != nil) == state.hasEnded && (state.hasEnded || !removed)
      ),
      (
        "driven_has_owner_and_fence",
        (owner == nil) == (state == .active) && (owner == nil || fence > 0)
      ),
      ("decision_has_its_ground", (point.reason != nil) == (state.decision == .rollback)),
    ]
    return checks.first { !$0.1 }?.0 ?? branches.brokenConstraint
  }
}

extension [BranchRecord] {
  /// The constraint of the domain that one of them breaks: PostgreSQL sees that before it looks for
  /// the transaction.
  var brokenConstraint: String? {
    let isKnown = allSatisfy {
      (1...128).contains($0.id.utf8.count) && $0.level <= 99_999
        && ($0.role != .mustSucceed || $0.mode == .saga)
    }
    return isKnown ? nil : "branch_is_known"
  }
}
