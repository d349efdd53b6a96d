import Mode
import Store

@testable import Coordinator

/// Calls as they leave the coordinator, and as they arrive.
extension Checker {
  func calls(_ call: OutgoingCall, life: Life) {
    let (transaction, branch) = call.place
    let planned = world.scenario.transactions[transaction]
    let plan = planned.branches[branch].plan
    let attempt = call.attempt
    let name = "\(planned.id) \(call.branchID) \(attempt.action)"
    guard let row = world.row(planned.id) else {
      return fail("\(name): called, and the transaction is not durable")
    }
    if row.owner != life.incarnation || row.fence != call.fence {
      fail("\(name): called with fence \(call.fence), the row has \(row.fence)")
    }
    checkPassing(call, planned.branches[branch], row, name)
    if call.attempt.undoes != nil { checkRepeatedUndo(call, name) }
    let ledger = world.network.ledgers[transaction][branch]
    if let under = ledger.underWay, under.life == Int(call.fence) {
      fail("\(name): called while \(under.action) #\(under.number) is under way")
    }
    if call.fence < ledger.fenceMax { fail("\(name): a fence went back") }
    let state = row.point.state
    switch attempt.action {
    case .try, .action:
      if plan.role == .mustSucceed {
        if state != .committing { fail("\(name): called in \(state)") }
        checkForward(transaction, plan, name)
      } else {
        guard case .executing = state else { return fail("\(name): called in \(state)") }
        if plan.role == .calledByCaller { fail("\(name): the caller calls it") }
        if attempt.number > plan.retry.attemptsMax { fail("\(name): attempt \(attempt.number)") }
        checkLevels(transaction, plan, name)
      }
    case .confirm:
      if state != .committing { fail("\(name): called in \(state)") }
    case .cancel, .compensation:
      if state != .rollingBack { fail("\(name): called in \(state)") }
      checkUndo(call, ledger, transaction, plan, name)
    }
    world.network.ledgers[transaction][branch].underWay =
      (Int(call.fence), attempt.action, attempt.number)
    world.network.ledgers[transaction][branch].fenceMax = max(ledger.fenceMax, call.fence)
  }

  /// What a call carries of an earlier reply is what the row has of it: the next life would pass on
  /// the same.
  private func checkPassing(
    _ call: OutgoingCall, _ planned: PlannedBranch, _ row: StoredTransaction, _ name: String
  ) {
    var expected: [UInt8] = []
    if let source = planned.takesFrom {
      guard let reply = row.reply(of: source) else {
        return fail("\(name): called, and the reply of b\(source) is not durable")
      }
      expected += reply
      world.histories.note(.passedOn)
      if call.fence > memories[call.place.transaction].acceptedFence ?? call.fence {
        world.histories.note(.passedOnByAnotherLife)
      }
    }
    if planned.undoTakesOwn, call.attempt.undoes != nil,
      let reply = row.reply(of: call.place.branch)
    {
      // Its field 1, as field 2.
      expected += [0x10] + reply.dropFirst()
      noteOwnReply(call)
    }
    if call.definition.payload != expected {
      fail("\(name): carries \(call.definition.payload), the row has \(expected)")
    }
  }

  private func noteOwnReply(_ call: OutgoingCall) {
    let known = memories[call.place.transaction].phaseOneAtDecision
    if call.place.branch < known.count, known[call.place.branch] != .done {
      world.histories.note(.ownReplyAfterDecision)
    }
  }

  /// Whoever sends it, the same undo carries the same.
  private func checkRepeatedUndo(_ call: OutgoingCall, _ name: String) {
    let (transaction, branch) = call.place
    let payload = call.definition.payload
    if let first = world.network.ledgers[transaction][branch].undoPayload, first != payload {
      fail("\(name): carried \(first), and now carries \(payload)")
    }
    world.network.ledgers[transaction][branch].undoPayload = payload
  }

  private func checkLevels(_ transaction: Int, _ plan: BranchPlan, _ name: String) {
    for (other, planned) in world.scenario.transactions[transaction].branches.enumerated()
    where planned.plan.role == .ordinary && planned.plan.level < plan.level {
      if world.network.ledgers[transaction][other].phaseOne != .done {
        fail("\(name): called before \(planned.record.id) is done")
      }
    }
  }

  private func checkForward(_ transaction: Int, _ plan: BranchPlan, _ name: String) {
    for (other, planned) in world.scenario.transactions[transaction].branches.enumerated()
    where planned.plan.role == .mustSucceed && planned.plan.level < plan.level {
      if world.network.ledgers[transaction][other].phaseOne != .done {
        fail("\(name): called before \(planned.record.id) is done")
      }
    }
  }

  private func checkUndo(
    _ call: OutgoingCall, _ ledger: Ledger, _ transaction: Int, _ plan: BranchPlan,
    _ name: String
  ) {
    let now = world.clock.now
    if plan.role == .mustSucceed { fail("\(name): what must succeed has no undo") }
    for sent in ledger.sent where !sent.isSettled && now < sent.mayLandUntil {
      fail("\(name): its phase one may land until \(sent.mayLandUntil)")
    }
    if plan.role == .ordinary, call.fence == memories[transaction].acceptedFence,
      !ledger.mayHaveHappened(asKnownTo: Int(call.fence))
    {
      fail("\(name): undone, and it was refused or never attempted")
    }
    if call.attempt.undoes == .done, ledger.phaseOne != .done {
      fail("\(name): says that phase one is done")
    }
    guard call.attempt.action == .compensation else { return }
    for (other, planned) in world.scenario.transactions[transaction].branches.enumerated()
    where planned.plan.role == .ordinary && planned.plan.mode == .saga
      && planned.plan.level > plan.level
    {
      let higher = world.network.ledgers[transaction][other]
      if higher.holdsEffect { fail("\(name): called before \(planned.record.id) is undone") }
    }
  }

  // MARK: At the participants

  func phaseOneArrivedAfterUndo(_ transaction: Int, _ branch: Int) {
    let planned = world.scenario.transactions[transaction]
    if world.scenario.weather.landsLate { return }
    if planned.branches[branch].plan.role == .calledByCaller { return }
    fail("\(planned.id) b\(branch): phase one arrived after its undo")
  }

  func confirmArrived(_ transaction: Int, _ branch: Int, _ ledger: Ledger) {
    if ledger.phaseOne != .done || ledger.isUndone {
      fail("\(world.scenario.transactions[transaction].id) b\(branch): confirm of \(ledger)")
    }
  }

  func undoArrived(_ transaction: Int, _ branch: Int, _ ledger: Ledger) {
    if ledger.isConfirmed {
      fail("\(world.scenario.transactions[transaction].id) b\(branch): undo after confirm")
    }
  }
}

extension StoredTransaction {
  /// What a branch replied; nil: it is not durably done.
  fileprivate func reply(of branch: Int) -> [UInt8]? {
    guard branch < point.outcomes.count, point.outcomes[branch].phaseOne == .done else {
      return nil
    }
    return point.outcomes[branch].reply
  }
}
