extension Transaction {
  /// The lowest level that is not done yet; nil when phase one is done.
  package var phaseOneLevel: UInt32? {
    var lowest: UInt32?
    for index in branches.indices
    where branches[index].role == .ordinary && progress[index].phaseOne != .done {
      lowest = min(lowest ?? .max, branches[index].level)
    }
    return lowest
  }

  /// Goes on with phase one, or on to what follows it.
  mutating func phaseOneAdvanced(at moment: Moment) -> Step {
    if let level = phaseOneLevel {
      let durable: Point? = startsToUseReplies(on: level) ? .replies : nil
      return Step(durable: durable, effects: callsOfPhaseOne(at: moment))
    }
    if case .executing(.start) = state {
      state = .prepared
      return Step(durable: .prepared)
    }
    return decideCommit(at: moment)
  }

  /// A branch of the level uses what a lower one replied, and has not been called in this life. A
  /// reply that a call carries is durable before the call is made: should this life end, the next
  /// passes on the same.
  private func startsToUseReplies(on level: UInt32) -> Bool {
    if paused { return false }
    return branches.indices.contains { index in
      branches[index].usesReplies && branches[index].role == .ordinary
        && branches[index].level == level && progress[index].phaseOne != .done
        && progress[index].attempts == 0
    }
  }

  /// Starts every call of the current level that is due.
  mutating func callsOfPhaseOne(at moment: Moment) -> [Effect] {
    guard !paused, let level = phaseOneLevel else { return [] }
    var effects: [Effect] = []
    for index in branches.indices
    where branches[index].role == .ordinary && branches[index].level == level
      && progress[index].phaseOne != .done
    {
      switch progress[index].activity {
      case .calling: continue
      case .waiting(let until) where moment.now < until: continue
      case .waiting, .idle: break
      }
      effects.append(call(index, branches[index].phaseOneAction, at: moment))
    }
    return effects
  }

  /// One more attempt of a branch's call.
  mutating func call(
    _ branch: Int, _ action: Action, undoes: Attempt.Undoes? = nil, at moment: Moment
  ) -> Effect {
    let timeout = branches[branch].retry.attemptTimeout
    progress[branch].attempts += 1
    progress[branch].activity = .calling(action, until: moment.now + timeout)
    return .call(
      Attempt(
        branch: branch, action: action, number: progress[branch].attempts, timeout: timeout,
        undoes: undoes))
  }

  /// The reply to the attempt that is under way, else nil: late replies change nothing.
  package func isCurrent(_ branch: Int, _ action: Action, _ attempt: UInt32) -> Bool {
    guard branches.indices.contains(branch), progress[branch].attempts == attempt,
      case .calling(let current, _) = progress[branch].activity
    else { return false }
    return current == action
  }

  /// Notes that an attempt went out later than it was decided.
  mutating func noteSent(
    _ branch: Int, _ action: Action, _ attempt: UInt32, at moment: Moment
  ) {
    guard isCurrent(branch, action, attempt) else { return }
    let until = moment.now + branches[branch].retry.attemptTimeout
    progress[branch].activity = .calling(action, until: until)
  }

  /// Notes what an attempt of phase one came to (rule 3).
  ///
  /// - Returns: whether the participant refused
  mutating func notePhaseOne(_ branch: Int, _ result: CallResult) -> Bool {
    guard case .calling(_, let until) = progress[branch].activity else { return false }
    progress[branch].activity = .idle
    switch result {
    case .done:
      progress[branch].phaseOne = .done
      return false
    case .refused:
      if progress[branch].phaseOne == .untouched { progress[branch].phaseOne = .refused }
      return true
    case .unknown(let answered, _):
      progress[branch].phaseOne = .unknown
      if !answered {
        progress[branch].landsUntil = max(until, progress[branch].landsUntil ?? until)
      }
      return false
    case .notSent:
      return false
    }
  }

  mutating func phaseOneReplied(
    _ branch: Int, _ action: Action, _ attempt: UInt32, _ result: CallResult, at moment: Moment
  ) -> Step {
    guard isCurrent(branch, action, attempt) else { return .nothing }
    let refused = notePhaseOne(branch, result)
    if deadline <= moment.now { return decideRollbackByDeadline(at: moment) }
    if progress[branch].phaseOne == .done { return phaseOneAdvanced(at: moment) }
    if refused {
      // After an attempt of unknown outcome a refusal is no guarantee: it only ends the retries.
      let isGuaranteed = progress[branch].phaseOne == .refused
      let cause: RollbackReason.Cause = isGuaranteed ? .refused : .exhausted
      return decideRollback(RollbackReason(cause: cause, branch: branch), at: moment)
    }
    let retry = branches[branch].retry
    if progress[branch].attempts >= retry.attemptsMax {
      return decideRollback(RollbackReason(cause: .exhausted, branch: branch), at: moment)
    }
    var pushback: Span?
    if case .unknown(_, let asked) = result { pushback = asked }
    let delay = retry.phaseOne.delay(
      after: attempt, pushback: pushback, noise: moment.noise(for: branch))
    progress[branch].activity = .waiting(until: moment.now + delay)
    return .nothing
  }
}

extension Moment {
  /// Bits of its own for each branch, so that branches that fail together spread as well.
  func noise(for branch: Int) -> UInt64 {
    (noise &+ UInt64(truncatingIfNeeded: branch) &* UInt64.mixedStep).mixed
  }
}
