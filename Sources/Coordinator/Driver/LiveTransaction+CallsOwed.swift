import Mode

extension LiveTransaction {
  /// The calls that are under way or wait for their next attempt, by branch.
  var callsOwed: [(branch: Int, call: OwedCall)] {
    machine.progress.indices.compactMap { branch in
      let action: Action
      let isUnderWay: Bool
      switch machine.progress[branch].activity {
      case .idle: return nil
      case .calling(let current, _): (action, isUnderWay) = (current, true)
      case .waiting: (action, isUnderWay) = (nextAction(of: branch), false)
      }
      let definition = definitions[branch]
      guard let call = definition.call(for: action) else { return nil }
      return (
        branch,
        OwedCall(
          transaction: id, branch: definition.id, definition: call, isUnderWay: isUnderWay,
          isRetry: machine.progress[branch].attempts > 0)
      )
    }
  }

  private func nextAction(of branch: Int) -> Action {
    let plan = machine.branches[branch]
    switch machine.state {
    case .committing: return plan.mode == .tcc ? .confirm : plan.phaseOneAction
    case .rollingBack: return plan.undoAction
    case .active, .executing, .prepared, .committed, .rolledBack: return plan.phaseOneAction
    }
  }
}
