package import Mode
package import Store

extension Tables {
  /// What the query comes to at `now`; pages have one order, whatever the process.
  package mutating func perform(_ query: Query, at now: Instant) -> Answer {
    switch query {
    case .get(let id): .get(transactions[id].map { .found($0) } ?? .absent)
    case .list(let filter): .list(.page(list(filter)))
    case .sweep(let query): .sweep(perform(query, at: now))
    case .completion(.claim(let now, let until, let limit)):
      .completion(.claimed(claimCompletions(now: now, until: until, limit: limit)))
    case .completion(.settle(let report)):
      .completion(settle(report) ? .settled : .overtaken)
    case .lease(let query): .lease(perform(query, at: now))
    }
  }

  private mutating func perform(_ query: SweepQuery, at now: Instant) -> SweepAnswer {
    switch query {
    case .takeOver(let owner, let limit):
      return .page(takeOver(owner: owner, limit: limit, at: now))
    case .due(let owner, let before, let limit):
      return .page(due(owner: owner, before: before, limit: limit, at: now))
    case .expire(let owner, let limit):
      return .page(expire(owner: owner, limit: limit, at: now))
    case .removeFinished(let retention, let idRetention, let limit):
      return .count(
        remove(retention: retention, idRetention: idRetention, limit: limit, at: now))
    case .declareDead:
      let late = coordinators.filter { !$0.value.isDead && $0.value.lease < now }
      for incarnation in late.keys { coordinators[incarnation]?.isDead = true }
      return .count(late.count)
    }
  }

  private mutating func perform(_ query: LeaseQuery, at now: Instant) -> LeaseAnswer {
    switch query {
    case .join(_, _, let lease):
      lastIncarnation += 1
      coordinators[lastIncarnation] = Coordinator(lease: now + lease, isDead: false)
      return .held(incarnation: lastIncarnation, now: now)
    case .renew(let incarnation, let lease):
      guard let known = coordinators[incarnation], !known.isDead else { return .notHeld }
      coordinators[incarnation]?.lease = max(known.lease, now + lease)
      return .held(incarnation: incarnation, now: now)
    case .leave(let incarnation):
      if let known = coordinators[incarnation], !known.isDead {
        coordinators[incarnation] = Coordinator(lease: min(known.lease, now), isDead: true)
      }
      return .notHeld
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

  private mutating func takeOver(owner: Int64, limit: Int, at now: Instant) -> [TakenRow] {
    guard isAlive(owner) else { return [] }
    let page = rows(limit, by: \.createdAt) { row in
      guard let other = row.owner, other != owner else { return false }
      return row.point.endedAt == nil && !isAlive(other)
    }
    var taken: [TakenRow] = []
    for var row in page {
      let lease = row.owner.flatMap { coordinators[$0]?.lease } ?? now
      row.owner = owner
      row.fence += 1
      transactions[row.id] = row
      taken.append(TakenRow(row: row, driverGoneAt: max(now, lease)))
    }
    return taken.sorted { $0.row.id < $1.row.id }
  }

  private mutating func due(
    owner: Int64, before: Instant, limit: Int, at now: Instant
  ) -> [TakenRow] {
    var page = rows(limit, by: { $0.point.due ?? now }) { row in
      guard let due = row.point.due, row.owner == owner else { return false }
      return row.point.endedAt == nil && due < before
    }
    for index in page.indices {
      page[index].point.due = nil
      transactions[page[index].id] = page[index]
    }
    page.sort { $0.id < $1.id }
    return page.map { TakenRow(row: $0, driverGoneAt: now) }
  }

  private mutating func expire(owner: Int64, limit: Int, at now: Instant) -> [TakenRow] {
    guard isAlive(owner) else { return [] }
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
    return page.map { TakenRow(row: $0, driverGoneAt: now) }
  }

  private mutating func remove(
    retention: Span, idRetention: Span, limit: Int, at now: Instant
  ) -> Int {
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
    return stripped.count + forgotten.count
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

  private mutating func claimCompletions(
    now: Instant, until: Instant, limit: Int
  ) -> [StoredTransaction] {
    var page = rows(limit, by: { $0.completion?.due ?? now }) { row in
      row.completion?.due.map { $0 <= now } ?? false
    }
    for index in page.indices {
      page[index].completion?.due = until
      page[index].completion?.attempts += 1
      transactions[page[index].id] = page[index]
    }
    return page.sorted { $0.id < $1.id }
  }

  /// False where a later attempt has overtaken the one reported.
  private mutating func settle(_ report: CompletionReport) -> Bool {
    guard var completion = transactions[report.id]?.completion, completion.due != nil,
      completion.attempts == report.attempt
    else { return false }
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
    return true
  }
}
