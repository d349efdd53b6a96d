import Mode
import Postgres

/// What changes a transaction's row, as records of the types that migration 4 made.
extension RecordArray {
  /// Appends a row (`caravan.new_transaction`).
  mutating func append(_ new: NewTransaction) {
    let record = beginRecord(fields: 23)
    add(new.id)
    add(new.contentHash)
    add(Timestamp(new.deadline))
    add(Timestamp(new.createdAt))
    add(new.owner)
    add(new.firstFence)
    addState(new.point.state)
    addColumns(of: new.point)
    add(new.branches)
    add(new.point.outcomes)
    add(new.completion)
    end(record)
  }

  /// Appends a change of owner (`caravan.new_owner`).
  mutating func append(_ take: Take) {
    let record = beginRecord(fields: 7)
    add(take.id)
    add(take.owner)
    addState(take.state)
    add(take.reason)
    end(record)
  }

  /// Appends a point (`caravan.new_point`).
  mutating func append(_ update: Update) {
    let record = beginRecord(fields: 18)
    add(update.id)
    add(update.owner)
    add(update.fence)
    addState(update.from)
    add(update.needsDeadlineAhead)
    addState(update.point.state)
    addColumns(of: update.point)
    add(update.point.outcomes)
    end(record)
  }

  // MARK: Fields

  /// A state and what EXECUTING was asked for.
  private mutating func addState(_ state: Transaction.State) {
    add(StateCode(state).rawValue)
    add(state.intent.map { Int16($0.rawValue) })
  }

  private mutating func addColumns(of point: PointRecord) {
    add(point.endedAt.map(Timestamp.init))
    add(point.due.map(Timestamp.init))
    add(point.paused)
    add(point.reason)
    add(point.attention.map { Int16($0.cause.rawValue) })
    add(point.attention.map { Int32(clamping: $0.branch) })
    add(point.attention.map { StoredText.clean($0.text) })
  }

  private mutating func add(_ reason: ReasonRecord?) {
    add(reason.map { Int16($0.cause.rawValue) })
    add(reason?.branch.map { Int32(clamping: $0) })
    add(reason.map { StoredText.clean($0.text) })
  }

  /// NULL where a point says nothing of its branches.
  private mutating func add(_ outcomes: [OutcomeRecord]) {
    if outcomes.isEmpty { return addNull() }
    let array = beginArray(count: outcomes.count)
    for outcome in outcomes {
      let item = beginItem(fields: 8)
      add(Int16(outcome.phaseOne.rawValue))
      add(Int16(outcome.phaseTwo.rawValue))
      add(Int32(clamping: outcome.attempts))
      add(outcome.landsUntil.map(Timestamp.init))
      add(outcome.nextAt.map(Timestamp.init))
      add(outcome.reply)
      add(outcome.replyOmitted)
      add(outcome.error.isEmpty ? nil : StoredText.clean(outcome.error))
      end(item)
    }
    end(array)
  }
}

extension Timestamp {
  init(_ instant: Instant) {
    self.init(unixMicroseconds: instant.milliseconds.multipliedClamping(by: 1000))
  }

  /// To the millisecond, which is how Mode counts.
  var instant: Instant { Instant(milliseconds: unixMicroseconds / 1000) }
}

extension Int64 {
  /// The product, or the nearest that fits.
  fileprivate func multipliedClamping(by factor: Int64) -> Int64 {
    let (product, overflow) = multipliedReportingOverflow(by: factor)
    return overflow ? (self < 0 ? .min : .max) : product
  }
}
