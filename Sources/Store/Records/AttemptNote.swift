package import Mode

/// A failed attempt, or an operator's action.
package struct AttemptNote: Equatable, Sendable {
  package var branch: Int
  package var action: Action
  package var attempt: UInt32
  package var at: Instant
  /// At most 1 KiB.
  package var text: String

  package init(branch: Int, action: Action, attempt: UInt32, at: Instant, text: String) {
    self.branch = branch
    self.action = action
    self.attempt = attempt
    self.at = at
    self.text = text
  }
}
