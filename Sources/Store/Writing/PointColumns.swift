import Mode
import Postgres

/// The points of one statement as columns: an element of each for each transaction, and flat arrays
/// with what they say of branches.
struct PointColumns {
  private var states = ArrayParameter<Int16>()
  private var intents = ArrayParameter<Int16>()
  private var ended = ArrayParameter<Timestamp>()
  private var due = ArrayParameter<Timestamp>()
  private var paused = ArrayParameter<Bool>()
  private var reason = TextAboutBranch()
  private var attention = TextAboutBranch()
  private var low = ArrayParameter<Int32>()
  private var high = ArrayParameter<Int32>()
  private var present = ArrayParameter<Int32>()
  private var outcomes = OutcomeColumns()

  mutating func append(_ point: PointRecord) {
    states.append(StateCode(point.state).rawValue)
    intents.append(point.state.intent.map { Int16($0.rawValue) })
    ended.append(point.endedAt.map(Timestamp.init))
    due.append(point.due.map(Timestamp.init))
    paused.append(point.paused)
    reason.append(
      cause: point.reason?.cause.rawValue, branch: point.reason?.branch, text: point.reason?.text)
    attention.append(
      cause: point.attention?.cause.rawValue, branch: point.attention?.branch,
      text: point.attention?.text)
    // SQL counts from 1, and a slice includes its upper bound.
    low.append(Int32(outcomes.count + 1))
    present.append(outcomes.append(point.outcomes))
    high.append(Int32(outcomes.count))
  }

  /// The fourteen parameters of the points and the eight of their outcomes.
  var parameters: [Parameter] {
    [states.parameter, intents.parameter, ended.parameter, due.parameter, paused.parameter]
      + reason.parameters + attention.parameters
      + [low.parameter, high.parameter, present.parameter] + outcomes.parameters
  }
}

/// A cause, the branch that it is about, and a text: a reason or an attention, where there is one.
struct TextAboutBranch {
  private var causes = ArrayParameter<Int16>()
  private var branches = ArrayParameter<Int32>()
  private var texts = ArrayParameter<String>()

  mutating func append(cause: UInt8?, branch: Int?, text: String?) {
    causes.append(cause.map(Int16.init))
    branches.append(branch.map(Int32.init(clamping:)))
    texts.append(text.map { StoredText.clean($0) })
  }

  var parameters: [Parameter] { [causes.parameter, branches.parameter, texts.parameter] }
}

/// What many points say of their branches, one after the other.
private struct OutcomeColumns {
  private(set) var count = 0
  private var phaseOne = ArrayParameter<Int16>()
  private var phaseTwo = ArrayParameter<Int16>()
  private var attempts = ArrayParameter<Int32>()
  private var landsUntil = ArrayParameter<Timestamp>()
  private var nextAt = ArrayParameter<Timestamp>()
  private var replies = ArrayParameter<[UInt8]>()
  private var repliesOmitted = ArrayParameter<Bool>()
  private var errors = ArrayParameter<String>()

  /// Appends a transaction's outcomes and returns which of the optional columns they fill, in the
  /// bits that `TransactionSQL` reads.
  mutating func append(_ outcomes: [OutcomeRecord]) -> Int32 {
    var present: Int32 = 0
    for outcome in outcomes {
      count += 1
      phaseOne.append(Int16(outcome.phaseOne.rawValue))
      phaseTwo.append(Int16(outcome.phaseTwo.rawValue))
      attempts.append(Int32(clamping: outcome.attempts))
      landsUntil.append(outcome.landsUntil.map(Timestamp.init))
      if outcome.landsUntil != nil { present |= 1 }
      nextAt.append(outcome.nextAt.map(Timestamp.init))
      if outcome.nextAt != nil { present |= 2 }
      replies.append(outcome.reply)
      if outcome.reply != nil { present |= 4 }
      repliesOmitted.append(outcome.replyOmitted)
      if outcome.replyOmitted { present |= 8 }
      errors.append(StoredText.clean(outcome.error))
      if !outcome.error.isEmpty { present |= 16 }
    }
    return present
  }

  var parameters: [Parameter] {
    [
      phaseOne.parameter, phaseTwo.parameter, attempts.parameter, landsUntil.parameter,
      nextAt.parameter, replies.parameter, repliesOmitted.parameter, errors.parameter,
    ]
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
