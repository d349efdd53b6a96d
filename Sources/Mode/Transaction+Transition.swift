extension Transaction {
  /// The table of the machine: every event against every state.
  mutating func transition(on event: Event, at moment: Moment) throws(IllegalEvent) -> Step {
    switch event {
    case .start: return try start(at: moment)
    case .commit: return try commit(at: moment)
    case .rollback: return try rollback(at: moment)
    case .timer: return timer(at: moment)
    case .sent(let branch, let action, let attempt):
      sent(branch, action, attempt, at: moment)
      return .nothing
    case .replied(let branch, let action, let attempt, let result):
      return replied(branch, action, attempt, result, at: moment)
    case .reachable(let branch, let instant):
      reachable(branch, by: instant)
      return .nothing
    case .retryNow: return retryNow(at: moment)
    case .pause: return pause()
    case .resume: return resume(at: moment)
    case .stated(let branch): return try stated(branch, at: moment)
    }
  }

  // MARK: The caller's word

  private mutating func start(at moment: Moment) throws(IllegalEvent) -> Step {
    switch state {
    case .active: return try accept(.start, at: moment)
    case .executing, .prepared, .committing, .committed: return .nothing
    case .rollingBack, .rolledBack: throw IllegalEvent(.decidedOtherwise, in: state)
    }
  }

  private mutating func commit(at moment: Moment) throws(IllegalEvent) -> Step {
    switch state {
    case .active: return try accept(.commit, at: moment)
    // Start has checked the plan.
    case .executing(.start): return execute(.commit, at: moment)
    case .executing(.commit), .committing, .committed: return .nothing
    case .prepared:
      if deadline <= moment.now { return decideRollbackByDeadline(at: moment) }
      stateCallersBranches(as: .done)
      return decideCommit(at: moment)
    case .rollingBack, .rolledBack: throw IllegalEvent(.decidedOtherwise, in: state)
    }
  }

  private mutating func rollback(at moment: Moment) throws(IllegalEvent) -> Step {
    switch state {
    case .active, .executing, .prepared:
      return decideRollback(RollbackReason(cause: .requested), at: moment)
    case .rollingBack, .rolledBack: return .nothing
    case .committing, .committed: throw IllegalEvent(.decidedOtherwise, in: state)
    }
  }

  /// Commit or Start of an ACTIVE transaction.
  private mutating func accept(
    _ intent: Intent, at moment: Moment
  ) throws(IllegalEvent) -> Step {
    do {
      try branches.checkForwardRecovery()
    } catch {
      throw IllegalEvent(.plan(error), in: state)
    }
    return execute(intent, at: moment)
  }

  /// Phase one begins; or, where Start began it, goes on to a commit, durably.
  private mutating func execute(_ intent: Intent, at moment: Moment) -> Step {
    if deadline <= moment.now { return decideRollbackByDeadline(at: moment) }
    state = .executing(intent)
    if intent == .commit { stateCallersBranches(as: .done) }
    var step = phaseOneAdvanced(at: moment)
    if step.durable == nil { step.durable = .accepted }
    return step
  }

  /// What is known of the phase one that the caller ran by itself (rule 9); what Commit stated
  /// stays.
  mutating func stateCallersBranches(as phaseOne: BranchProgress.PhaseOne) {
    for index in branches.indices
    where branches[index].role == .calledByCaller && progress[index].phaseOne != .done {
      progress[index].phaseOne = phaseOne
    }
  }

  // MARK: Time and participants

  private mutating func timer(at moment: Moment) -> Step {
    switch state {
    case .active, .prepared:
      moment.now < deadline ? .nothing : decideRollbackByDeadline(at: moment)
    case .executing:
      moment.now < deadline ? phaseOneAdvanced(at: moment) : decideRollbackByDeadline(at: moment)
    case .committing, .rollingBack: phaseTwoAdvanced(at: moment)
    case .committed, .rolledBack: .nothing
    }
  }

  private mutating func sent(
    _ branch: Int, _ action: Action, _ attempt: UInt32, at moment: Moment
  ) {
    switch state {
    case .executing, .committing, .rollingBack: noteSent(branch, action, attempt, at: moment)
    case .active, .prepared, .committed, .rolledBack: break
    }
  }

  private mutating func replied(
    _ branch: Int, _ action: Action, _ attempt: UInt32, _ result: CallResult, at moment: Moment
  ) -> Step {
    switch state {
    case .executing: phaseOneReplied(branch, action, attempt, result, at: moment)
    case .committing, .rollingBack: decidedReplied(branch, action, attempt, result, at: moment)
    case .active, .prepared, .committed, .rolledBack: .nothing
    }
  }

  /// What waits for more than its participant, for an attempt that may still land, goes on waiting
  /// for that.
  private mutating func reachable(_ branch: Int, by instant: Instant) {
    switch state {
    case .executing, .committing, .rollingBack:
      guard branches.indices.contains(branch),
        case .waiting(let until) = progress[branch].activity
      else { return }
      progress[branch].activity = .waiting(until: min(until, instant))
    case .active, .prepared, .committed, .rolledBack: break
    }
  }

  // MARK: The operator's word

  private mutating func retryNow(at moment: Moment) -> Step {
    switch state {
    case .executing, .committing, .rollingBack:
      endBackoff(at: moment)
      return Step(durable: .flag, effects: owedCalls(at: moment))
    case .active, .prepared, .committed, .rolledBack: return .nothing
    }
  }

  private mutating func pause() -> Step {
    if state.hasEnded || paused { return .nothing }
    paused = true
    return Step(durable: .flag)
  }

  private mutating func resume(at moment: Moment) -> Step {
    if state.hasEnded || !paused { return .nothing }
    paused = false
    return Step(durable: .flag, effects: owedCalls(at: moment))
  }

  /// A branch's phase two is done, by the operator's word.
  private mutating func stated(_ branch: Int, at moment: Moment) throws(IllegalEvent) -> Step {
    switch state {
    case .committing, .rollingBack:
      guard branches.indices.contains(branch), progress[branch].phaseTwo == .pending else {
        throw IllegalEvent(.nothingOwed, in: state)
      }
      progress[branch].phaseTwo = .stated
      progress[branch].activity = .idle
      var step = phaseTwoDone(branch, at: moment)
      if step.durable == nil { step.durable = .flag }
      return step
    case .active, .executing, .prepared, .committed, .rolledBack:
      throw IllegalEvent(.nothingOwed, in: state)
    }
  }

  private mutating func endBackoff(at moment: Moment) {
    for index in progress.indices {
      if case .waiting = progress[index].activity {
        progress[index].activity = .waiting(until: moment.now)
      }
    }
  }

  private mutating func owedCalls(at moment: Moment) -> [Effect] {
    switch state {
    case .executing: callsOfPhaseOne(at: moment)
    case .committing, .rollingBack: callsOfPhaseTwo(at: moment)
    case .active, .prepared, .committed, .rolledBack: []
    }
  }
}
