package import Mode

/// What a point writes into the transaction's row.
package struct PointRecord: Equatable, Sendable {
  package var state: Transaction.State
  package var reason: ReasonRecord?
  package var attention: AttentionRecord?
  package var paused: Bool
  /// Set where the transaction leaves memory until then.
  package var due: Instant?
  /// Set where the transaction ends with this point.
  package var endedAt: Instant?
  /// By index of the branch; empty: this point has nothing to say of them (the columns stay as
  /// they are).
  package var outcomes: [OutcomeRecord]

  package init(
    state: Transaction.State, reason: ReasonRecord? = nil, attention: AttentionRecord? = nil,
    paused: Bool = false, due: Instant? = nil, endedAt: Instant? = nil,
    outcomes: [OutcomeRecord] = []
  ) {
    self.state = state
    self.reason = reason
    self.attention = attention
    self.paused = paused
    self.due = due
    self.endedAt = endedAt
    self.outcomes = outcomes
  }
}

package struct ReasonRecord: Equatable, Sendable {
  package var cause: Transaction.RollbackReason.Cause
  package var branch: Int?
  /// At most 1 KiB.
  package var text: String

  package init(cause: Transaction.RollbackReason.Cause, branch: Int? = nil, text: String) {
    self.cause = cause
    self.branch = branch
    self.text = text
  }
}

extension ReasonRecord {
  /// The deadline passed without a decision.
  package static let deadline = ReasonRecord(
    cause: .deadline, text: "no decision was made by the deadline")

  /// The caller asked for the rollback, in these words; empty: without any.
  package static func requested(_ words: String) -> ReasonRecord {
    ReasonRecord(cause: .requested, text: words.isEmpty ? "rollback was requested" : words)
  }
}

package struct AttentionRecord: Equatable, Sendable {
  package var cause: Transaction.Attention.Cause
  package var branch: Int
  /// At most 1 KiB.
  package var text: String

  package init(cause: Transaction.Attention.Cause, branch: Int, text: String) {
    self.cause = cause
    self.branch = branch
    self.text = text
  }
}

package struct OutcomeRecord: Equatable, Sendable {
  package var phaseOne: BranchProgress.PhaseOne
  package var phaseTwo: BranchProgress.PhaseTwo
  package var attempts: UInt32
  package var landsUntil: Instant?
  /// When the next attempt was due at the time of the point.
  package var nextAt: Instant?
  /// Nil: none, or omitted.
  package var reply: [UInt8]?
  package var replyOmitted: Bool
  package var error: String

  package init(
    phaseOne: BranchProgress.PhaseOne = .untouched, phaseTwo: BranchProgress.PhaseTwo = .none,
    attempts: UInt32 = 0, landsUntil: Instant? = nil, nextAt: Instant? = nil,
    reply: [UInt8]? = nil, replyOmitted: Bool = false, error: String = ""
  ) {
    self.phaseOne = phaseOne
    self.phaseTwo = phaseTwo
    self.attempts = attempts
    self.landsUntil = landsUntil
    self.nextAt = nextAt
    self.reply = reply
    self.replyOmitted = replyOmitted
    self.error = error
  }
}
