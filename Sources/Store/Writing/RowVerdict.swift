package import Mode

/// What a conditional write came to that changed no row: read the row, then judge.
///
/// No row back is not yet a lost race. An earlier try of the same write may have been committed and
/// its answer lost: then the row is as this write wanted it, under our fence.
package enum RowVerdict<Answer> {
  case answer(Answer)
  /// The row would take the write now: the condition was met in between.
  case again

  func map<Other>(_ transform: (Answer) -> Other) -> RowVerdict<Other> {
    switch self {
    case .answer(let answer): .answer(transform(answer))
    case .again: .again
    }
  }
}

extension RowVerdict<InsertAnswer> {
  /// An insert whose id was taken.
  package static func insert(_ new: NewTransaction, found: StoredTransaction?) -> RowVerdict {
    guard let found else { return .again }
    let isOurs =
      found.contentHash == new.contentHash && found.owner == new.owner
      && found.createdAt == new.createdAt && found.deadline == new.deadline
      && found.fence == new.firstFence && found.point.state == new.point.state && !found.removed
    return .answer(isOurs ? .inserted : .exists(found))
  }
}

extension RowVerdict<RegisterAnswer> {
  /// A registration that inserted no branch.
  package static func register(
    _ branches: [BranchRecord], branchesMax: Int, found: StoredTransaction?
  ) -> RowVerdict {
    guard let found else { return .answer(.absent) }
    var known: [String: BranchRecord] = [:]
    for branch in found.branches { known[branch.id] = branch }
    for branch in branches {
      if let same = known[branch.id], same.definition != branch.definition {
        return .answer(.branchConflict(branch: branch.id))
      }
    }
    let fresh = branches.missing(from: found.branches)
    if fresh.isEmpty && !found.removed {
      return .answer(.registered(branchCount: found.branchCount))
    }
    guard found.point.state == .active else { return .answer(.notActive(found.point.state)) }
    if found.branchCount + fresh.count > branchesMax {
      return .answer(.tooManyBranches(count: found.branchCount + fresh.count))
    }
    let bytes = found.branches.definitionBytes + fresh.definitionBytes
    if bytes > Write.branchBytesMax { return .answer(.branchesTooLarge(bytes: bytes)) }
    return .again
  }
}

extension RowVerdict<TakeAnswer> {
  /// A take that changed no row.
  package static func take(_ take: Take, found: StoredTransaction?) -> RowVerdict {
    guard let found else { return .answer(.absent) }
    // Ownerless rows are taken once, and then they are never ACTIVE again.
    let isOurs = found.owner == take.owner && found.fence == 1
    return .answer(isOurs && found.point.state == take.state ? .taken(found) : .untaken(found))
  }
}

extension RowVerdict<UpdateAnswer> {
  /// An update that changed no row; `isLate` where the row's deadline has passed.
  package static func update(
    _ update: Update, found: StoredTransaction?, isLate: Bool
  ) -> RowVerdict {
    guard let found, found.owner == update.owner, found.fence == update.fence else {
      return .answer(.deposed(found))
    }
    let state = found.point.state
    guard update.keepsDirection else {
      return .answer(.failed("no transaction goes from \(update.from) to \(update.point.state)"))
    }
    if state == update.from {
      // Not even an earlier try took effect, unless the point leaves the state as it is; then this
      // one would have too.
      return update.needsDeadlineAhead && isLate ? .answer(.deadlinePassed) : .again
    }
    // The state alone would take an earlier, other write for this one: a deadline for a refusal.
    let reason = update.point.reason
    let isWanted =
      state == update.point.state
      && (reason == nil
        || (reason?.cause == found.point.reason?.cause
          && reason?.branch == found.point.reason?.branch))
    return .answer(isWanted ? .applied : .deposed(found))
  }
}

extension Update {
  /// True where its states follow each other: a decision is never reversed, an end never left.
  package var keepsDirection: Bool {
    let to = StateCode(point.state)
    return switch StateCode(from) {
    case .active: to != .active
    case .executing: to != .active
    case .prepared: to != .active && to != .executing
    case .committing: to == .committing || to == .committed
    case .rollingBack: to == .rollingBack || to == .rolledBack
    case .committed, .rolledBack: false
    }
  }
}

extension Take {
  /// The state that it leads to.
  package var state: Transaction.State {
    switch verb {
    case .commit: .executing(.commit)
    case .start: .executing(.start)
    case .rollback: .rollingBack
    }
  }

  package var reason: ReasonRecord? {
    if case .rollback(let reason) = verb { reason } else { nil }
  }
}
