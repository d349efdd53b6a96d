import Mode

extension HistoryState {
  /// A call goes out: may it?
  func check(_ attempt: Attempt) throws {
    let branch = attempt.branch
    let plan = transaction.branches[branch]
    if transaction.paused { throw BrokenInvariant("a call while paused") }
    switch attempt.action {
    case .try, .action:
      if plan.role == .mustSucceed {
        guard row.state == .committing else {
          throw BrokenInvariant("what must succeed was called before the decision")
        }
        return try checkOrder(of: branch, below: true)
      }
      guard plan.role == .ordinary, case .executing = row.state else {
        throw BrokenInvariant("phase one of branch \(branch) in \(row.state)")
      }
      guard attempt.number <= plan.retry.attemptsMax else {
        throw BrokenInvariant("more attempts than the policy allows")
      }
      for other in transaction.branches.indices
      where transaction.branches[other].role == .ordinary
        && transaction.branches[other].level < plan.level && !truths[other].isDone
      {
        throw BrokenInvariant("branch \(branch) started before \(other) was done")
      }
      if plan.usesReplies {
        for other in row.branches.indices
        where row.branches[other].role == .ordinary && row.branches[other].level < plan.level
          && row.progress[other].phaseOne != .done
        {
          throw BrokenInvariant("branch \(branch) uses what \(other) replied, which is not durable")
        }
      }
    case .confirm:
      guard row.state == .committing, plan.mode == .tcc else {
        throw BrokenInvariant("confirm in \(row.state)")
      }
    case .cancel, .compensation:
      try checkUndo(attempt)
    }
  }

  private func checkUndo(_ attempt: Attempt) throws {
    let branch = attempt.branch
    guard row.state == .rollingBack, attempt.action == transaction.branches[branch].undoAction
    else { throw BrokenInvariant("\(attempt.action) in \(row.state)") }
    guard truths[branch].mayHaveHappened || truths[branch].isBelieved else {
      throw BrokenInvariant("branch \(branch) is undone and cannot have happened")
    }
    guard truths[branch].landsUntil <= now else {
      throw BrokenInvariant("the undo of branch \(branch) overtakes its phase one")
    }
    if attempt.undoes == .done, !truths[branch].isDone,
      transaction.branches[branch].role == .ordinary
    {
      throw BrokenInvariant("the undo says that branch \(branch) is done")
    }
    if transaction.branches[branch].undoUsesOwnReply, attempt.undoes == .done,
      row.progress[branch].phaseOne != .done
    {
      throw BrokenInvariant("the undo of branch \(branch) uses its reply, which is not durable")
    }
    if attempt.action == .compensation { try checkOrder(of: branch, below: false) }
  }

  /// Saga branches of phase two run level by level.
  private func checkOrder(of branch: Int, below: Bool) throws {
    let level = transaction.branches[branch].level
    for other in transaction.branches.indices {
      let plan = transaction.branches[other]
      guard plan.mode == .saga, truths[other].mayHaveHappened || below,
        !truths[other].isSettled
      else { continue }
      let comesFirst =
        below
        ? plan.role == .mustSucceed && plan.level < level
        : plan.role != .mustSucceed && plan.level > level
      if comesFirst { throw BrokenInvariant("branch \(branch) went before \(other)") }
    }
  }

  /// What holds in every state.
  func checkWhatIsTrue(_ before: HistoryState) throws {
    if before.row.state.hasEnded, row.state != before.row.state {
      throw BrokenInvariant("the end changed")
    }
    let calls = transaction.progress.contains { progress in
      if case .calling = progress.activity { true } else { false }
    }
    let isStuck = !transaction.state.hasEnded && !calls && transaction.nextDue == nil
    if isStuck, !transaction.paused { throw BrokenInvariant("nothing will ever happen") }
    switch transaction.state {
    case .committed:
      for index in transaction.branches.indices {
        let plan = transaction.branches[index]
        if plan.role == .ordinary, !truths[index].isDone {
          throw BrokenInvariant("committed, but branch \(index) is not done")
        }
        if plan.mode == .tcc || plan.role == .mustSucceed, !truths[index].isSettled {
          throw BrokenInvariant("committed, but branch \(index) is owed")
        }
      }
    case .rolledBack:
      for index in transaction.branches.indices
      where truths[index].mayHaveHappened && !truths[index].isSettled {
        throw BrokenInvariant("rolled back, but branch \(index) may have happened")
      }
    case .active, .executing, .prepared, .committing, .rollingBack: break
    }
  }
}
