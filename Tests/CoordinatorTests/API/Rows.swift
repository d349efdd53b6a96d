import Mode
import Store

@testable import Coordinator

/// Transactions as the driver shows them.
enum Rows {
  static func stored(
    _ id: String, state: Transaction.State, branches: [BranchRecord] = [],
    outcomes: [OutcomeRecord] = [], reason: ReasonRecord? = nil
  ) -> StoredTransaction {
    StoredTransaction(
      id: id, contentHash: [], deadline: Instant(milliseconds: 2_000),
      createdAt: Instant(milliseconds: 1_000), owner: 7, fence: 3,
      point: PointRecord(state: state, reason: reason, outcomes: outcomes), branches: branches,
      branchCount: branches.count)
  }

  static func branch(_ id: String, role: BranchPlan.Role = .ordinary) -> BranchRecord {
    BranchRecord(id: id, level: 1, mode: .tcc, role: role, target: "", definition: [])
  }

  /// A transaction that rolled back because branch `cause` refused; every branch failed.
  static func rolledBack(
    branches count: Int, error: String, cause: Int? = 0, state: Transaction.State = .rolledBack,
    id: String = "order-1"
  ) -> TransactionView {
    TransactionView(
      stored: stored(
        id, state: state, branches: (0..<count).map { branch("branch-\($0)") },
        outcomes: Array(
          repeating: OutcomeRecord(
            phaseOne: .refused, attempts: 1, reply: Array(repeating: 1, count: 1_000),
            error: error), count: count),
        reason: ReasonRecord(cause: .refused, branch: cause, text: error)),
      calling: [])
  }
}
