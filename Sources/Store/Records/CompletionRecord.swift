package import Mode

/// Who is told the end of a transaction, and how far that has come.
package struct CompletionRecord: Equatable, Sendable {
  /// What was asked for, in canonical protobuf.
  package var definition: [UInt8]
  /// When the end is told next; nil before the end, and once it was taken.
  package var due: Instant?
  package var attempts: UInt32
  package var takenAt: Instant?
  /// The last failure, at most 1 KiB.
  package var error: String

  package init(
    definition: [UInt8], due: Instant? = nil, attempts: UInt32 = 0, takenAt: Instant? = nil,
    error: String = ""
  ) {
    self.definition = definition
    self.due = due
    self.attempts = attempts
    self.takenAt = takenAt
    self.error = error
  }
}

/// What an attempt to tell the end came to.
package struct CompletionReport: Equatable, Sendable {
  package var id: String
  /// The attempt: a later one has overtaken this where it is not the last.
  package var attempt: UInt32
  package var outcome: Outcome

  package enum Outcome: Equatable, Sendable {
    case taken(at: Instant)
    case failed(String, again: Instant)
    /// The attempt was not made, and does not count.
    case postponed(to: Instant)
  }

  package init(id: String, attempt: UInt32, outcome: Outcome) {
    self.id = id
    self.attempt = attempt
    self.outcome = outcome
  }
}
