import Logging
import Mode
import Synchronization

/// The gates of all participants, one for each address.
final class ParticipantGates: Sendable {
  private struct State {
    var gates: [String: ParticipantGate] = [:]
    var sweepAt: Int
  }
  private let state: Mutex<State>
  private let limits: CallAdmission.Limits
  /// Gates that nobody has used for this long are forgotten when there are many.
  private let idleMax: Span
  /// Gates that are kept without looking.
  private let sweepFirst: Int
  private let logger: Logger

  /// - Parameter idleMax: by default longer than the longest delay between attempts
  init(
    limits: CallAdmission.Limits, idleMax: Span = .seconds(300), sweepFirst: Int = 1_024,
    logger: Logger
  ) {
    self.limits = limits
    self.idleMax = idleMax
    self.sweepFirst = sweepFirst
    self.logger = logger
    state = Mutex(State(sweepAt: sweepFirst))
  }

  /// How many there are.
  var count: Int { state.withLock { $0.gates.count } }

  /// The gate of an address that may be new.
  func gate(at address: String) -> ParticipantGate {
    state.withLock { state in
      if let gate = state.gates[address] { return gate }
      if state.gates.count >= state.sweepAt { sweep(&state) }
      let gate = ParticipantGate(address: address, limits: limits, logger: logger)
      state.gates[address] = gate
      return gate
    }
  }

  /// The gate of an address that has been called; nil: nothing is known of it.
  func known(at address: String) -> ParticipantGate? {
    state.withLock { $0.gates[address] }
  }

  /// Whoever has looked one up just now goes on with it; a new one beside it knows nothing, as that
  /// one does after so long.
  private func sweep(_ state: inout State) {
    state.gates = state.gates.filter { _, gate in
      guard gate.isIdle(for: idleMax) else { return true }
      gate.forget()
      return false
    }
    state.sweepAt = max(sweepFirst, 2 * state.gates.count)
  }
}
