import Mode

extension HistoryState {
  /// Lets `event` happen, and holds what follows against the invariants.
  mutating func take(_ event: HistoryEvent) throws {
    var before = self
    var step = Transaction.Step.nothing
    switch event {
    case .word(let word):
      step = try apply(word.event)
      if case .stated(let branch) = word, transaction.progress[branch].phaseTwo == .stated {
        truths[branch].isSettled = true
      }
    case .ends(let branch, let end):
      step = try self.end(branch, end)
    case .wait:
      now = max(now, transaction.nextDue!.milliseconds)
      step = try apply(.timer)
      if transaction == before.transaction, now == before.now {
        throw BrokenInvariant("a timer that was due changed nothing, and stays due")
      }
    case .crash:
      crash()
      before.transaction = transaction
      step = try apply(.timer)
    }
    var ended: Int?
    if case .ends(let branch, _) = event { ended = branch }
    try note(step, after: before, ended)
    try checkWhatIsTrue(before)
  }

  /// Applies an event twice: the rules know no chance.
  private mutating func apply(_ event: Transaction.Event) throws -> Transaction.Step {
    let moment = Moment(now: Instant(milliseconds: now), noise: 7)
    var twin = transaction
    do {
      let step = try transaction.apply(event, at: moment)
      let again = try twin.apply(event, at: moment)
      guard step == again, twin == transaction else {
        throw BrokenInvariant("the same event has two outcomes")
      }
      return step
    } catch let illegal as IllegalEvent {
      guard twin == transaction else { throw BrokenInvariant("\(illegal) changed something") }
      return .nothing
    }
  }

  /// The attempt under way ends, and both sides learn what they learn.
  private mutating func end(
    _ branch: Int, _ end: HistoryEvent.End
  ) throws -> Transaction.Step {
    guard case .calling(let action, let until) = transaction.progress[branch].activity else {
      throw BrokenInvariant("no attempt is under way")
    }
    let isPhaseOne = action == .try || action == .action
    let wasKnown = transaction.progress[branch].phaseOne
    let result: CallResult
    switch end {
    case .done: result = .done
    case .refused: result = .refused
    case .failed: result = .unknown(answered: true, pushback: nil)
    case .lost: result = .unknown(answered: false, pushback: nil)
    case .timedOut:
      now = max(now, until.milliseconds)
      result = .unknown(answered: false, pushback: nil)
    case .notSent: result = .notSent
    }
    if isPhaseOne {
      if end == .done { truths[branch].isDone = true }
      let cameToNothing = end == .refused || end == .notSent
      if cameToNothing, wasKnown == .untouched { truths[branch].mayHaveHappened = false }
      if end == .lost {
        truths[branch].landsUntil = max(truths[branch].landsUntil, until.milliseconds)
      }
    }
    let settles = !isPhaseOne || transaction.branches[branch].role == .mustSucceed
    if settles, end == .done { truths[branch].isSettled = true }

    let attempt = transaction.progress[branch].attempts
    let step = try apply(
      .replied(branch: branch, action: action, attempt: attempt, result))
    var repeated = self
    for late in [CallResult.done, .refused, .notSent] {
      let event = Transaction.Event.replied(
        branch: branch, action: action, attempt: attempt, late)
      guard try repeated.apply(event) == .nothing, repeated.transaction == transaction else {
        throw BrokenInvariant("a second reply to one attempt counted")
      }
    }
    return step
  }

  private mutating func crash() {
    for index in transaction.branches.indices {
      if case .calling(let action, let until) = transaction.progress[index].activity,
        action == .try || action == .action
      {
        truths[index].landsUntil = max(truths[index].landsUntil, until.milliseconds)
      }
      if row.progress[index].remembered.phaseOne == .unknown { truths[index].isBelieved = true }
      if case .executing = row.state, !isSafeToForget(index) { truths[index].isBelieved = true }
    }
    transaction = row.reloaded(
      sameLife: false, driverGoneAt: Instant(milliseconds: now))
  }

  /// A branch that uses replies cannot have been called before the row says that all below it are
  /// done.
  private func isSafeToForget(_ index: Int) -> Bool {
    let plan = row.branches[index]
    return plan.usesReplies
      && row.branches.indices.contains { other in
        row.branches[other].role == .ordinary && row.branches[other].level < plan.level
          && row.progress[other].phaseOne != .done
      }
  }

  /// What a step asks for is written and done.
  private mutating func note(
    _ step: Transaction.Step, after before: HistoryState, _ ended: Int?
  ) throws {
    if let point = step.durable {
      row = transaction
      if let decision = transaction.state.decision {
        let commits = decision == .commit
        if let decided = self.commits, decided != commits {
          throw BrokenInvariant("the direction changed")
        }
        self.commits = commits
      }
      if point == .end, !transaction.state.hasEnded { throw BrokenInvariant("the end is no end") }
    } else if transaction.state.isDecided != row.state.isDecided || transaction.state != row.state {
      throw BrokenInvariant("\(row.state) became \(transaction.state) without a write")
    }
    for case .call(let attempt) in step.effects {
      if case .calling = before.transaction.progress[attempt.branch].activity,
        ended != attempt.branch
      {
        throw BrokenInvariant("two attempts of branch \(attempt.branch) at the same time")
      }
      try check(attempt)
      let isPhaseOne = attempt.action == .try || attempt.action == .action
      if isPhaseOne { truths[attempt.branch].mayHaveHappened = true }
    }
  }
}
