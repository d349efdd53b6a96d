/// What one attempt of a call came to (rule 3).
package enum CallResult: Equatable, Sendable {
  /// It took effect.
  case done
  /// The participant guarantees that it had no effect.
  case refused
  /// It may or may not have taken effect.
  ///
  /// - answered: the participant itself replied, so this attempt cannot land any more
  /// - pushback: how long the participant asks to wait
  case unknown(answered: Bool, pushback: Span?)
  /// It certainly never arrived.
  case notSent
}

/// One attempt of a call, to be made.
package struct Attempt: Equatable, Sendable {
  /// What is known of the phase one that an undo takes back.
  package enum Undoes: Equatable, Sendable {
    case done
    case unknown
  }

  /// Index of the branch in the order of registration.
  package var branch: Int
  package var action: Action
  /// Counted from 1; starts anew after a restart.
  package var number: UInt32
  package var timeout: Span
  /// Set for a cancel or a compensation.
  package var undoes: Undoes?

  package init(
    branch: Int, action: Action, number: UInt32, timeout: Span, undoes: Undoes? = nil
  ) {
    self.branch = branch
    self.action = action
    self.number = number
    self.timeout = timeout
    self.undoes = undoes
  }
}
