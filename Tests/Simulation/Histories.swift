/// What happened along the way, counted, so that a simulation that has become harmless is noticed.
struct Histories {
  enum Kind: String, CaseIterable {
    // The issue asks for these by name.
    case refusalAfterUnknown = "refusal after an unknown attempt"
    case crashBetweenLevelsThenRefusal = "crash between levels, then refusal"
    case crashBetweenLevelsThenDeadline = "crash between levels, then the deadline"
    case crashAfterPrepared = "crash after PREPARED"
    case commitDuringStart = "Commit during Start"
    case phaseOneAfterUndo = "late arrival of a call after its undo"
    case answerLost = "a batch committed, its answer lost"
    case crashBetweenEffects = "crash between two effects"

    case crashWhileExecuting = "crash while EXECUTING"
    case crashWhileCommitting = "crash while COMMITTING"
    case crashWhileRollingBack = "crash while ROLLING_BACK"
    case freeze = "a life that stands still and comes back"
    case leaseLost = "a lost lease"
    case lateBatch = "a batch of a dead life, committed"
    case deposed = "a deposed life"
    case undoWithoutPhaseOne = "an undo whose phase one never arrived"
    case pushback = "pushback"
    case duplicateReply = "a duplicate reply"
    case lateReply = "a reply after the timeout"
    case queueFull = "a full queue"
    case parked = "parked"
    case attention = "attention raised"
    case deadline = "rolled back at the deadline"
    case exhausted = "rolled back after the last attempt"
    case refused = "rolled back by a refusal"
    case requested = "rolled back on request"
    case committed = "committed"
    case mixed = "ended with branches over gRPC and over HTTP"
    case passedOn = "a call that carries an earlier reply"
    case passedOnByAnotherLife = "an earlier reply passed on by another life"
    case ownReplyAfterDecision = "an undo that carries a reply of after the decision"
    case mustSucceed = "committed with branches that must succeed"
    case calledByCaller = "ended with branches called by the caller"
    case contradiction = "the opposite word was refused"
    case impatience = "a caller that gave up waiting"
  }

  /// Those that two thousand histories cannot do without; a deposed life that has not noticed yet
  /// is rarer.
  static let required = Kind.allCases.filter { $0 != .deposed }

  private(set) var counts: [Int] = Array(repeating: 0, count: Kind.allCases.count)

  mutating func note(_ kind: Kind) { counts[Self.index[kind]!] += 1 }

  func count(_ kind: Kind) -> Int { counts[Self.index[kind]!] }

  static func += (left: inout Histories, right: Histories) {
    for index in left.counts.indices { left.counts[index] += right.counts[index] }
  }

  private static let index: [Kind: Int] = Dictionary(
    uniqueKeysWithValues: Kind.allCases.enumerated().map { ($1, $0) })
}
