/// What became of a branch so far.
package struct BranchProgress: Equatable, Sendable {
  /// What is known of phase one.
  package enum PhaseOne: UInt8, Equatable, Sendable {
    /// Not attempted, or every attempt was certainly not sent.
    case untouched = 1
    case done = 2
    /// The participant refused, and no earlier attempt may have arrived.
    case refused = 3
    /// It may or may not have happened.
    case unknown = 4
  }

  /// Where phase two stands: the confirm, the undo, or the action of a branch that must succeed.
  package enum PhaseTwo: UInt8, Equatable, Sendable {
    /// Nothing is owed (yet).
    case none = 1
    /// Its call is owed.
    case pending = 2
    case done = 3
    /// An operator stated the outcome by hand.
    case stated = 4
  }

  /// What goes on right now.
  package enum Activity: Equatable, Sendable {
    case idle
    /// An attempt is under way; it ends by `until` at the latest.
    case calling(Action, until: Instant)
    /// The next attempt is due then.
    case waiting(until: Instant)
  }

  package var phaseOne: PhaseOne = .untouched
  package var phaseTwo: PhaseTwo = .none
  package var activity: Activity = .idle
  /// Attempts of the call that is owed now.
  package var attempts: UInt32 = 0
  /// Until then an attempt of phase one that was never answered may still arrive at the
  /// participant.
  package var landsUntil: Instant?

  package init() {}

  /// An attempt of phase one is under way.
  package var callsPhaseOne: Bool {
    switch activity {
    case .calling(.try, _), .calling(.action, _): true
    case .calling(.confirm, _), .calling(.cancel, _), .calling(.compensation, _): false
    case .idle, .waiting: false
    }
  }

  /// This progress as a later life must take it: a call under way may still land until it ends.
  package var remembered: BranchProgress {
    var memory = self
    if case .calling(_, let until) = activity {
      if callsPhaseOne, phaseOne != .done {
        memory.phaseOne = .unknown
        memory.landsUntil = max(until, landsUntil ?? until)
      }
      memory.activity = .idle
    }
    return memory
  }
}
