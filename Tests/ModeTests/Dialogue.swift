import Mode
import Testing

/// A transaction, and the clock of the test that talks to it.
///
/// What it answers is written as a line: `"accepted: action 0, try 1"` means that the point
/// ACCEPTED must be durable,
/// and then branch 0 is called with action and branch 1 with try. `"cancel 0? #2"` is the second
/// cancel of a branch
/// whose phase one is unknown. An event that changes nothing is answered by `"nothing"`.
struct Dialogue {
  var transaction: Transaction
  var now = Instant(milliseconds: 0)
  var noise: UInt64 = 1 << 63

  /// The deadline of these tests.
  static let deadline = Instant(milliseconds: 60_000)

  init(_ branches: [BranchPlan], deadline: Instant = Dialogue.deadline) {
    transaction = Transaction(branches: branches, deadline: deadline)
  }

  var state: Transaction.State { transaction.state }
  var progress: [BranchProgress] { transaction.progress }
  var moment: Moment { Moment(now: now, noise: noise) }

  mutating func hears(_ event: Transaction.Event) throws -> String {
    line(for: try transaction.apply(event, at: moment))
  }

  /// The call under way to a branch comes to this.
  mutating func hears(_ branch: Int, _ result: CallResult) throws -> String {
    guard case .calling(let action, _) = progress[branch].activity else {
      throw NoCallUnderWay(branch: branch)
    }
    return try hears(
      .replied(
        branch: branch, action: action, attempt: progress[branch].attempts, result))
  }

  /// The call under way to a branch is not answered within its timeout.
  mutating func timesOut(_ branch: Int) throws -> String {
    guard case .calling(_, let until) = progress[branch].activity else {
      throw NoCallUnderWay(branch: branch)
    }
    now = until
    return try hears(branch, .unknown(answered: false, pushback: nil))
  }

  /// The clock goes on to what is due next.
  mutating func waits() throws -> String {
    now = try #require(transaction.nextDue)
    return try hears(.timer)
  }

  mutating func waits(until instant: Int64) throws -> String {
    now = Instant(milliseconds: instant)
    return try hears(.timer)
  }

  /// The row holds exactly this; another life loads it.
  mutating func crashes(loadedAt: Int64? = nil) throws -> String {
    if let loadedAt { now = Instant(milliseconds: loadedAt) }
    transaction = transaction.reloaded(sameLife: false, driverGoneAt: now)
    return line(for: try transaction.apply(.timer, at: moment))
  }

  func line(for step: Transaction.Step) -> String {
    let calls = step.effects.map { effect -> String in
      switch effect {
      case .call(let attempt):
        var text = "\(attempt.action) \(attempt.branch)"
        if attempt.undoes == .unknown { text += "?" }
        if attempt.number > 1 { text += " #\(attempt.number)" }
        return text
      }
    }
    let spoken = calls.joined(separator: ", ")
    switch (step.durable, calls.isEmpty) {
    case (nil, true): return "nothing"
    case (nil, false): return spoken
    case (let point?, true): return "\(point)"
    case (let point?, false): return "\(point): \(spoken)"
    }
  }
}

struct NoCallUnderWay: Error {
  var branch: Int
}

extension Transaction {
  /// What a later load makes of a row that holds exactly this.
  func reloaded(sameLife: Bool, driverGoneAt: Instant) -> Transaction {
    Transaction(
      restoring: state, branches: branches, progress: progress.map(\.remembered),
      deadline: deadline, reason: reason, attention: attention, paused: paused,
      sameLife: sameLife, driverGoneAt: driverGoneAt)
  }
}

extension BranchPlan {
  static func saga(
    level: UInt32 = 0, _ role: Role = .ordinary, retry: RetryPolicy = .steady,
    usesReplies: Bool = false, undoUsesOwnReply: Bool = false
  ) -> BranchPlan {
    BranchPlan(
      mode: .saga, level: level, role: role, retry: retry, usesReplies: usesReplies,
      undoUsesOwnReply: undoUsesOwnReply)
  }

  static func tcc(
    level: UInt32 = 0, _ role: Role = .ordinary, retry: RetryPolicy = .steady,
    usesReplies: Bool = false, undoUsesOwnReply: Bool = false
  ) -> BranchPlan {
    BranchPlan(
      mode: .tcc, level: level, role: role, retry: retry, usesReplies: usesReplies,
      undoUsesOwnReply: undoUsesOwnReply)
  }
}

extension RetryPolicy {
  /// The defaults without jitter, so that a dialogue can name the instants.
  static let steady = RetryPolicy(
    phaseOne: Backoff(max: .seconds(2), jitter: 0), phaseTwo: Backoff(max: .seconds(60), jitter: 0))

  /// The same, but for what `change` says.
  static func with(_ change: (inout RetryPolicy) -> Void) -> RetryPolicy {
    var policy = steady
    change(&policy)
    return policy
  }
}

extension CallResult {
  /// The participant said that it does not know.
  static let failed = CallResult.unknown(answered: true, pushback: nil)
  /// The connection broke.
  static let lost = CallResult.unknown(answered: false, pushback: nil)

  static func notYet(_ milliseconds: Int64) -> CallResult {
    .unknown(answered: true, pushback: .milliseconds(milliseconds))
  }
}

extension Instant: ExpressibleByIntegerLiteral {
  public init(integerLiteral milliseconds: Int64) { self.init(milliseconds: milliseconds) }
}
