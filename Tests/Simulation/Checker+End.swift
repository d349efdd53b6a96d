import Mode
import Store

@testable import Coordinator

/// The verdict, by what the participants hold.
extension Checker {
  func judge() {
    for index in memories.indices { judge(index) }
  }

  /// Why a history does not come to its end.
  func whatIsLeft() -> String {
    if let violation { return violation }
    let states = memories.indices.map { index in
      let caller = world.callers[index].isFinished ? "" : ", its caller waits"
      return
        "\(world.scenario.transactions[index].id) \(memories[index].state.map { "\($0)" } ?? "-")"
        + caller
    }
    return "never ended: \(states.joined(separator: "; "))"
  }

  private func judge(_ index: Int) {
    let planned = world.scenario.transactions[index]
    let memory = memories[index]
    guard let row = world.row(planned.id) else {
      if memory.begunIsAcknowledged || !memory.acknowledgedBranches.isEmpty {
        fail("\(planned.id): acknowledged, and missing")
      }
      return
    }
    let registered = Set(row.branches.map(\.id))
    for branch in memory.acknowledgedBranches where !registered.contains("b\(branch)") {
      fail("\(planned.id): b\(branch) is acknowledged, and missing")
    }
    if registered.count != row.branches.count { fail("\(planned.id): a branch is there twice") }
    for (branch, plannedBranch) in planned.branches.enumerated() {
      let ledger = world.network.ledgers[index][branch]
      let name = "\(planned.id) b\(branch)"
      guard registered.contains("b\(branch)") else {
        if !ledger.sent.isEmpty { fail("\(name): called, and never registered") }
        continue
      }
      if row.point.state == .committed {
        judgeCommitted(ledger, plannedBranch.plan, name)
      } else {
        judgeRolledBack(ledger, plannedBranch.plan, name)
      }
    }
    count(row, memory, planned)
  }

  private func judgeCommitted(_ ledger: Ledger, _ plan: BranchPlan, _ name: String) {
    if ledger.phaseOne != .done { fail("\(name): committed, and phase one is not done") }
    if ledger.isUndone { fail("\(name): committed, and undone") }
    if plan.mode == .tcc, !ledger.isConfirmed { fail("\(name): committed, and not confirmed") }
  }

  private func judgeRolledBack(_ ledger: Ledger, _ plan: BranchPlan, _ name: String) {
    if ledger.isConfirmed { fail("\(name): rolled back, and confirmed") }
    if ledger.holdsEffect { fail("\(name): rolled back, and its effect stands") }
    switch plan.role {
    case .mustSucceed:
      if !ledger.sent.isEmpty { fail("\(name): rolled back, and called") }
    case .calledByCaller:
      if !ledger.isUndone { fail("\(name): rolled back, and the caller's call is not undone") }
    case .ordinary: break
    }
  }

  private func count(
    _ row: StoredTransaction, _ memory: Memory, _ planned: PlannedTransaction
  ) {
    switch row.point.reason?.cause {
    case .deadline:
      world.histories.note(.deadline)
      if memory.crashedBetweenLevels { world.histories.note(.crashBetweenLevelsThenDeadline) }
    case .refused: world.histories.note(.refused)
    case .exhausted: world.histories.note(.exhausted)
    case .requested: world.histories.note(.requested)
    case nil: break
    }
    let roles = planned.branches.map(\.plan.role)
    if row.point.state == .committed {
      world.histories.note(.committed)
      if roles.contains(.mustSucceed) { world.histories.note(.mustSucceed) }
    }
    if Set(planned.branches.map(\.language)).count == 2 { world.histories.note(.mixed) }
    if roles.contains(.calledByCaller) { world.histories.note(.calledByCaller) }
  }
}
