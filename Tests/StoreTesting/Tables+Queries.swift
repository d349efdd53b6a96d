package import Mode
package import Store

extension Tables {
  /// What the query comes to at `now`; pages have one order, whatever the process.
  package mutating func perform(_ query: Query, at now: Instant) -> Answer {
    switch query {
    case .get(let id):
      return transactions[id].map { .found($0) } ?? .absent
    case .list(let filter):
      return .page(list(filter), driverGoneAt: [])
    case .takeOver(let owner, let limit):
      return takeOver(owner: owner, limit: limit, at: now)
    case .due(let owner, let before, let limit):
      return due(owner: owner, before: before, limit: limit, at: now)
    case .expire(let owner, let limit):
      return expire(owner: owner, limit: limit, at: now)
    case .removeFinished(let retention, let idRetention, let limit):
      return remove(retention: retention, idRetention: idRetention, limit: limit, at: now)
    case .claimCompletions(let now, let until, let limit):
      return claimCompletions(now: now, until: until, limit: limit)
    case .settleCompletion(let report):
      return settle(report)
    case .join(_, _, let lease):
      lastIncarnation += 1
      coordinators[lastIncarnation] = Coordinator(lease: now + lease, isDead: false)
      return .joined(incarnation: lastIncarnation, now: now)
    case .renew(let incarnation, let lease):
      guard let known = coordinators[incarnation], !known.isDead else { return .dead }
      coordinators[incarnation]?.lease = max(known.lease, now + lease)
      return .renewed(now: now)
    case .declareDead:
      let late = coordinators.filter { !$0.value.isDead && $0.value.lease < now }
      for incarnation in late.keys { coordinators[incarnation]?.isDead = true }
      return .swept(late.count)
    case .leave(let incarnation):
      guard let known = coordinators[incarnation], !known.isDead else { return .swept(0) }
      coordinators[incarnation] = Coordinator(lease: min(known.lease, now), isDead: true)
      return .swept(1)
    }
  }

  // MARK: Sweeps

  private func isAlive(_ incarnation: Int64) -> Bool {
    coordinators[incarnation].map { !$0.isDead } ?? false
  }

  /// The first rows that fit, in an order that does not depend on the process.
  private func rows(
    _ limit: Int, by order: (StoredTransaction) -> Instant,
    where fits: (StoredTransaction) -> Bool
  ) -> [StoredTransaction] {
    let found = transactions.values.filter(fits).sorted {
      (order($0).milliseconds, $0.id) < (order($1).milliseconds, $1.id)
    }
    return Array(found.prefix(limit))
  }

  private mutating func takeOver(owner: Int64, limit: Int, at now: Instant) -> Answer {
    guard isAlive(owner) else { return .page([], driverGoneAt: []) }
    let page = rows(limit, by: \.createdAt) { row in
      guard let other = row.owner, other != owner else { return false }
      return row.point.endedAt == nil && !isAlive(other)
    }
    var taken: [(row: StoredTransaction, gone: Instant)] = []
    for var row in page {
      let lease = row.owner.flatMap { coordinators[$0]?.lease } ?? now
      row.owner = owner
      row.fence += 1
      transactions[row.id] = row
      taken.append((row, max(now, lease)))
    }
    taken.sort { $0.row.id < $1.row.id }
    return .page(taken.map(\.row), driverGoneAt: taken.map(\.gone))
  }

  private mutating func due(
    owner: Int64, before: Instant, limit: Int, at now: Instant
  ) -> Answer {
    var page = rows(limit, by: { $0.point.due ?? now }) { row in
      guard let due = row.point.due, row.owner == owner else { return false }
      return row.point.endedAt == nil && due < before
    }
    for index in page.indices {
      page[index].point.due = nil
      transactions[page[index].id] = page[index]
    }
    page.sort { $0.id < $1.id }
    return .page(page, driverGoneAt: page.map { _ in now })
  }

  private mutating func expire(owner: Int64, limit: Int, at now: Instant) -> Answer {
    guard isAlive(owner) else { return .page([], driverGoneAt: []) }
    var page = rows(limit, by: \.deadline) { $0.point.state == .active && $0.deadline < now }
    for index in page.indices {
      page[index].point.state = .rollingBack
      page[index].point.reason = .deadline
      page[index].owner = owner
      page[index].writtenBy = owner
      page[index].fence += 1
      transactions[page[index].id] = page[index]
    }
    page.sort { $0.id < $1.id }
    return .page(page, driverGoneAt: page.map { _ in now })
  }

  private mutating func remove(
    retention: Span, idRetention: Span, limit: Int, at now: Instant
  ) -> Answer {
    func isPast(_ row: StoredTransaction, _ span: Span) -> Bool {
      guard let ended = row.point.endedAt else { return false }
      return ended + span < now
    }
    let stripped = rows(limit, by: \.createdAt) {
      !$0.removed && isPast($0, retention)
    }
    for var row in stripped {
      row.removed = true
      row.branches = []
      row.branchCount = 0
      row.point.outcomes = []
      row.point.attention = nil
      row.completion = nil
      transactions[row.id] = row
      notes[row.id] = nil
    }
    let forgotten = rows(limit, by: \.createdAt) {
      $0.removed && isPast($0, idRetention)
    }
    for row in forgotten { transactions[row.id] = nil }
    return .swept(stripped.count + forgotten.count)
  }

  // MARK: Lists

  private func list(_ filter: ListFilter) -> [StoredTransaction] {
    let codes = Set(filter.states.map(StateCode.init))
    func key(_ row: StoredTransaction) -> (Int64, String) {
      (row.createdAt.milliseconds, row.id)
    }
    let found = transactions.values.filter { row in
      if row.removed { return false }
      if let after = filter.after, key(row) >= (after.createdAt.milliseconds, after.id) {
        return false
      }
      if let from = filter.createdFrom, row.createdAt < from { return false }
      if let to = filter.createdTo, row.createdAt >= to { return false }
      if filter.needsAttention, row.point.attention == nil { return false }
      return (codes.isEmpty || codes.contains(StateCode(row.point.state)))
        && row.id.hasPrefix(filter.idPrefix)
    }
    return found.sorted { key($0) > key($1) }.prefix(filter.limit).map { row in
      var row = row
      row.branches = []
      row.point.outcomes = []
      row.completion = nil
      return row
    }
  }

  // MARK: Completions

  private mutating func claimCompletions(now: Instant, until: Instant, limit: Int) -> Answer {
    var page = rows(limit, by: { $0.completion?.due ?? now }) { row in
      row.completion?.due.map { $0 <= now } ?? false
    }
    for index in page.indices {
      page[index].completion?.due = until
      page[index].completion?.attempts += 1
      transactions[page[index].id] = page[index]
    }
    page.sort { $0.id < $1.id }
    return .page(page, driverGoneAt: [])
  }

  private mutating func settle(_ report: CompletionReport) -> Answer {
    guard var completion = transactions[report.id]?.completion, completion.due != nil,
      completion.attempts == report.attempt
    else { return .swept(0) }
    switch report.outcome {
    case .taken(let at):
      completion.due = nil
      completion.takenAt = at
      completion.error = ""
    case .failed(let error, let again):
      completion.due = again
      completion.takenAt = nil
      completion.error = StoredText.clean(error)
    case .postponed(let due):
      completion.due = due
      completion.attempts -= 1
    }
    transactions[report.id]?.completion = completion
    return .swept(1)
  }
}
