extension Transaction {
  /// The decision to commit (rules 4 and 6): confirms and branches that must succeed are owed from
  /// here on.
  mutating func decideCommit(at moment: Moment) -> Step {
    var owed = false
    for index in branches.indices
    where branches[index].mode == .tcc || branches[index].role == .mustSucceed {
      progress[index].phaseTwo = .pending
      progress[index].attempts = 0
      progress[index].activity = .idle
      owed = true
    }
    guard owed else { return end(.committed) }
    state = .committing
    return Step(durable: .decision, effects: callsOfPhaseTwo(at: moment))
  }

  /// The decision to roll back (rule 5): exactly what may have happened is undone.
  mutating func decideRollback(_ reason: RollbackReason, at moment: Moment) -> Step {
    stateCallersBranches(as: .unknown)
    self.reason = reason
    var owed = false
    for index in branches.indices where branches[index].role != .mustSucceed {
      if progress[index].callsPhaseOne {
        // The call is not cancelled: its undo waits for the reply, or for the full timeout.
        progress[index].phaseTwo = .pending
        owed = true
        continue
      }
      progress[index].activity = .idle
      progress[index].attempts = 0
      switch progress[index].phaseOne {
      case .done, .unknown:
        progress[index].phaseTwo = .pending
        owed = true
      case .untouched, .refused: break
      }
    }
    guard owed else { return end(.rolledBack) }
    state = .rollingBack
    return Step(durable: .decision, effects: callsOfPhaseTwo(at: moment))
  }

  /// Rule 8: without a decision at its deadline a transaction rolls back.
  mutating func decideRollbackByDeadline(at moment: Moment) -> Step {
    decideRollback(RollbackReason(cause: .deadline), at: moment)
  }

  /// Goes on with phase two, or ends the transaction.
  mutating func phaseTwoAdvanced(at moment: Moment) -> Step {
    guard progress.contains(where: { $0.phaseTwo == .pending }) else {
      return end(state == .committing ? .committed : .rolledBack)
    }
    return Step(effects: callsOfPhaseTwo(at: moment))
  }

  /// A branch owes nothing any more: what it raised attention for is over.
  mutating func phaseTwoDone(_ branch: Int, at moment: Moment) -> Step {
    let wasRaised = attention?.branch == branch
    if wasRaised { attention = nil }
    var step = phaseTwoAdvanced(at: moment)
    if wasRaised, step.durable == nil { step.durable = .flag }
    return step
  }

  private mutating func end(_ end: State) -> Step {
    state = end
    attention = nil
    paused = false
    for index in progress.indices { progress[index].activity = .idle }
    return Step(durable: .end)
  }

  /// Starts every call of phase two that is due.
  mutating func callsOfPhaseTwo(at moment: Moment) -> [Effect] {
    guard !paused else { return [] }
    let turn = levelInTurn
    var effects: [Effect] = []
    for index in branches.indices where progress[index].phaseTwo == .pending {
      if branches[index].mode == .saga, branches[index].level != turn { continue }
      switch progress[index].activity {
      case .calling: continue
      case .waiting(let until) where moment.now < until: continue
      case .waiting, .idle: break
      }
      if state == .committing {
        let action: Action = branches[index].mode == .tcc ? .confirm : .action
        effects.append(call(index, action, at: moment))
        continue
      }
      if let until = progress[index].landsUntil, moment.now < until {
        progress[index].activity = .waiting(until: until)
        continue
      }
      let undoes: Attempt.Undoes = progress[index].phaseOne == .done ? .done : .unknown
      effects.append(call(index, branches[index].undoAction, undoes: undoes, at: moment))
    }
    return effects
  }

  /// The level whose Saga branches are called now: ascending after commit, descending after
  /// rollback.
  private var levelInTurn: UInt32? {
    var turn: UInt32?
    for index in branches.indices
    where branches[index].mode == .saga && progress[index].phaseTwo == .pending {
      let level = branches[index].level
      turn =
        state == .committing ? min(turn ?? .max, level) : max(turn ?? 0, level)
    }
    return turn
  }

  /// A reply after the decision: of phase two, or of a phase one that was under way at a rollback.
  mutating func decidedReplied(
    _ branch: Int, _ action: Action, _ attempt: UInt32, _ result: CallResult, at moment: Moment
  ) -> Step {
    guard isCurrent(branch, action, attempt), progress[branch].phaseTwo == .pending else {
      return .nothing
    }
    if state == .rollingBack, progress[branch].callsPhaseOne {
      _ = notePhaseOne(branch, result)
      progress[branch].attempts = 0
      switch progress[branch].phaseOne {
      case .untouched, .refused: progress[branch].phaseTwo = .none
      case .done, .unknown: break
      }
      var step = phaseTwoAdvanced(at: moment)
      if step.durable == nil, isReplyOwedToUndo(of: branch, result) { step.durable = .replies }
      return step
    }
    if result == .done {
      progress[branch].activity = .idle
      progress[branch].phaseTwo = .done
      if branches[branch].role == .mustSucceed { progress[branch].phaseOne = .done }
      return phaseTwoDone(branch, at: moment)
    }
    return retryPhaseTwo(branch, attempt, result, at: moment)
  }

  /// Phase one has just replied what its branch's undo carries, and the decision was written
  /// without it: should this life end, the next undo is to carry the same. While the transaction is
  /// paused no undo goes out, and the resume writes all there is.
  private func isReplyOwedToUndo(of branch: Int, _ result: CallResult) -> Bool {
    result == .done && branches[branch].undoUsesOwnReply && !paused
  }

  /// Phase two never gives up (rule 7).
  private mutating func retryPhaseTwo(
    _ branch: Int, _ attempt: UInt32, _ result: CallResult, at moment: Moment
  ) -> Step {
    let retry = branches[branch].retry
    let noise = moment.noise(for: branch)
    let delay: Span
    var cause: Attention.Cause?
    switch result {
    case .refused:
      cause = .refused
      delay = retry.phaseTwo.longestDelay(noise: noise)
    case .unknown(_, let pushback):
      delay = retry.phaseTwo.delay(after: attempt, pushback: pushback, noise: noise)
    case .notSent, .done:
      delay = retry.phaseTwo.delay(after: attempt, pushback: nil, noise: noise)
    }
    if cause == nil, attempt > retry.attentionAfter { cause = .attempts }
    progress[branch].activity = .waiting(until: moment.now + delay)
    guard let cause, attention == nil else { return .nothing }
    attention = Attention(cause: cause, branch: branch)
    return Step(durable: .flag)
  }
}
