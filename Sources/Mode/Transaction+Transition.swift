extension Transaction {
  /// The table of the machine: every state against every event.
  mutating func transition(on event: Event, at moment: Moment) throws(IllegalEvent) -> Step {
    switch (state, event) {
    case (.active, .commit):
      return try accept(.commit, at: moment)
    case (.active, .start):
      return try accept(.start, at: moment)
    case (.executing(.start), .commit):
      return joinCommit(at: moment)
    case (.prepared, .commit):
      if deadline <= moment.now { return decideRollbackByDeadline(at: moment) }
      stateCallersBranches(as: .done)
      return decideCommit(at: moment)

    case (.executing, .start), (.prepared, .start), (.committing, .start), (.committed, .start):
      return .nothing
    case (.executing(.commit), .commit), (.committing, .commit), (.committed, .commit):
      return .nothing
    case (.rollingBack, .rollback), (.rolledBack, .rollback):
      return .nothing
    case (.rollingBack, .commit), (.rolledBack, .commit), (.rollingBack, .start),
      (.rolledBack, .start), (.committing, .rollback), (.committed, .rollback):
      throw IllegalEvent(.decidedOtherwise, in: state)

    case (.active, .rollback), (.executing, .rollback), (.prepared, .rollback):
      return decideRollback(RollbackReason(cause: .requested), at: moment)

    case (.active, .timer), (.prepared, .timer):
      return moment.now < deadline ? .nothing : decideRollbackByDeadline(at: moment)
    case (.executing, .timer):
      if deadline <= moment.now { return decideRollbackByDeadline(at: moment) }
      return phaseOneAdvanced(at: moment)
    case (.committing, .timer), (.rollingBack, .timer):
      return phaseTwoAdvanced(at: moment)

    case (.executing, .sent(let branch, let action, let attempt)),
      (.committing, .sent(let branch, let action, let attempt)),
      (.rollingBack, .sent(let branch, let action, let attempt)):
      noteSent(branch, action, attempt, at: moment)
      return .nothing
    case (.active, .sent), (.prepared, .sent), (.committed, .sent), (.rolledBack, .sent):
      return .nothing

    case (.executing, .replied(let branch, let action, let attempt, let result)):
      return phaseOneReplied(branch, action, attempt, result, at: moment)
    case (.committing, .replied(let branch, let action, let attempt, let result)),
      (.rollingBack, .replied(let branch, let action, let attempt, let result)):
      return decidedReplied(branch, action, attempt, result, at: moment)
    case (.active, .replied), (.prepared, .replied), (.committed, .replied),
      (.rolledBack, .replied):
      return .nothing

    case (.committed, .timer), (.rolledBack, .timer):
      return .nothing

    case (.committing, .stated(let branch)), (.rollingBack, .stated(let branch)):
      return try stated(branch, at: moment)
    case (.active, .stated), (.executing, .stated), (.prepared, .stated), (.committed, .stated),
      (.rolledBack, .stated):
      throw IllegalEvent(.nothingOwed, in: state)

    case (.active, .pause), (.executing, .pause), (.prepared, .pause), (.committing, .pause),
      (.rollingBack, .pause):
      if paused { return .nothing }
      paused = true
      return Step(durable: .flag)
    case (.active, .resume), (.executing, .resume), (.prepared, .resume),
      (.committing, .resume), (.rollingBack, .resume):
      if !paused { return .nothing }
      paused = false
      return Step(durable: .flag, effects: owedCalls(at: moment))
    case (.executing, .reachable(let branch, let instant)),
      (.committing, .reachable(let branch, let instant)),
      (.rollingBack, .reachable(let branch, let instant)):
      bringForward(branch, to: instant)
      return .nothing
    case (.active, .reachable), (.prepared, .reachable), (.committed, .reachable),
      (.rolledBack, .reachable):
      return .nothing
    case (.executing, .retryNow), (.committing, .retryNow), (.rollingBack, .retryNow):
      endBackoff(at: moment)
      return Step(durable: .flag, effects: owedCalls(at: moment))
    case (.active, .retryNow), (.prepared, .retryNow), (.committed, .retryNow),
      (.rolledBack, .retryNow), (.committed, .pause), (.rolledBack, .pause),
      (.committed, .resume), (.rolledBack, .resume):
      return .nothing
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
    if deadline <= moment.now { return decideRollbackByDeadline(at: moment) }
    state = .executing(intent)
    if intent == .commit { stateCallersBranches(as: .done) }
    var step = phaseOneAdvanced(at: moment)
    if step.durable == nil { step.durable = .accepted }
    return step
  }

  /// Commit while a Start executes: it becomes a Commit, durably.
  private mutating func joinCommit(at moment: Moment) -> Step {
    if deadline <= moment.now { return decideRollbackByDeadline(at: moment) }
    state = .executing(.commit)
    stateCallersBranches(as: .done)
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

  /// The operator's word that a branch's phase two is done.
  private mutating func stated(_ branch: Int, at moment: Moment) throws(IllegalEvent) -> Step {
    guard branches.indices.contains(branch), progress[branch].phaseTwo == .pending else {
      throw IllegalEvent(.nothingOwed, in: state)
    }
    progress[branch].phaseTwo = .stated
    progress[branch].activity = .idle
    var step = phaseTwoDone(branch, at: moment)
    if step.durable == nil { step.durable = .flag }
    return step
  }

  /// What waits for more than its participant, for an attempt that may still land, goes on waiting
  /// for that.
  private mutating func bringForward(_ branch: Int, to instant: Instant) {
    guard branches.indices.contains(branch),
      case .waiting(let until) = progress[branch].activity
    else { return }
    progress[branch].activity = .waiting(until: min(until, instant))
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
