import Logging
import Metrics
import Mode
import Synchronization

/// The gate before one participant's address, for all event loops of this process.
final class ParticipantGate: Sendable {
  let address: String
  private let state: Mutex<State>
  private let logger: Logger
  private let meters: Meters

  private struct State {
    var admission: CallAdmission
    /// Those in line, by number.
    var waiting: [UInt64: WaitingCall] = [:]
    var lastNumber: UInt64 = 0
    /// Those that were kept back since the circuit opened, by the branch that called.
    var kept: [Caller: KeptCall] = [:]
  }

  /// What becomes of a call that asks.
  enum Verdict {
    case send(CallAdmission.Pass)
    case wait(WaitingCall)
    case keepBack(Obstacle)
  }

  init(address: String, limits: CallAdmission.Limits, logger: Logger) {
    self.address = address
    self.logger = logger
    state = Mutex(State(admission: CallAdmission(limits, at: .monotonic)))
    meters = Meters(address: address)
  }

  /// A call wants to go out; `wait` makes it wait, with the number by which it is known.
  func offer(isRetry: Bool, wait: (UInt64) -> WaitingCall) -> Verdict {
    let now = Instant.monotonic
    let (verdict, underWay, waiting) = state.withLock { state in
      state.lastNumber += 1
      let number = state.lastNumber
      let verdict: Verdict
      switch state.admission.offer(number, isRetry: isRetry, at: now) {
      case .send(let pass): verdict = .send(pass)
      case .keepBack(let obstacle): verdict = .keepBack(obstacle)
      case .wait:
        let call = wait(number)
        state.waiting[number] = call
        verdict = .wait(call)
      }
      return (verdict, state.admission.underWay, state.admission.waiting)
    }
    meters.show(underWay: underWay, waiting: waiting)
    if case .keepBack(let obstacle) = verdict { meters.keptBack(obstacle, 1) }
    return verdict
  }

  /// A call that went out has ended.
  func ended(_ pass: CallAdmission.Pass, _ outcome: CallAdmission.Outcome) {
    let now = Instant.monotonic
    let (effects, calls, kept, underWay, waiting) = state.withLock { state in
      let effects = state.admission.ended(pass, outcome, at: now, noise: .random(in: 0 ... .max))
      var calls: [UInt64: WaitingCall] = [:]
      for effect in effects {
        guard let number = effect.number else { continue }
        calls[number] = state.waiting.removeValue(forKey: number)
      }
      var kept: [Caller: KeptCall] = [:]
      if effects.contains(.circuitClosed) { swap(&kept, &state.kept) }
      return (effects, calls, kept, state.admission.underWay, state.admission.waiting)
    }
    meters.show(underWay: underWay, waiting: waiting)
    for effect in effects {
      switch effect {
      case .send(let pass): calls[pass.number]?.granted(pass)
      case .end(let number, let obstacle):
        meters.keptBack(obstacle, 1)
        calls[number]?.keptBack(obstacle)
      case .circuitOpened(let outage): opened(outage)
      case .circuitClosed:
        closed()
        KeptCall.wake(kept.values)
      }
    }
  }

  /// The time of a call in line is up; nil: it does not stand in line any more.
  func expired(_ number: UInt64) -> Obstacle? {
    let obstacle = state.withLock { state in
      let obstacle = state.admission.expired(number)
      if obstacle != nil { state.waiting[number] = nil }
      return obstacle
    }
    if let obstacle { meters.keptBack(obstacle, 1) }
    return obstacle
  }

  /// The circuit has kept this call back; when it closes its shard hears of that.
  func remember(_ call: KeptCall) {
    let isOver = state.withLock { state in
      if case .closed = state.admission.circuit { return true }
      let caller = Caller(transaction: call.ticket.transaction, branch: call.ticket.branch)
      if state.kept[caller] != nil || state.kept.count < Self.keptMax { state.kept[caller] = call }
      return false
    }
    if isOver { KeptCall.wake([call]) }
  }

  /// Calls that are remembered; what is past it waits for the end of its delay.
  private static let keptMax = 10_000

  private struct Caller: Hashable {
    let transaction: String
    let branch: Int
  }

  // MARK: Those who look

  /// What a call would meet now; nil: nothing.
  func obstacle(isRetry: Bool) -> Obstacle? {
    state.withLock { $0.admission.obstacle(isRetry: isRetry, at: .monotonic) }
  }

  /// What the calls in line wait for.
  var crowd: Obstacle { state.withLock { $0.admission.crowd(isFull: false) } }

  /// Nothing is under way, and nobody has asked for so long.
  func isIdle(for span: Span) -> Bool {
    let now = Instant.monotonic
    return state.withLock { $0.admission.isIdle && span < now - $0.admission.lastUsed }
  }

  /// It is not used any more.
  func forget() { meters.destroy() }

  // MARK: What operators see

  private func opened(_ outage: CallAdmission.Outage) {
    meters.show(isOpen: true)
    logger.warning(
      "a participant's circuit is open",
      metadata: [
        "address": "\(address)", "failures": "\(outage.failures)", "last": "\(outage.last)",
        "open_ms": "\(outage.length.milliseconds)",
      ])
  }

  private func closed() {
    meters.show(isOpen: false)
    logger.notice("a participant's circuit is closed again", metadata: ["address": "\(address)"])
  }

  private struct Meters: Sendable {
    private let underWay: Meter
    private let waiting: Meter
    private let open: Meter
    private let kept: [Obstacle.Kind: Counter]

    init(address: String) {
      let dimensions = [("address", address)]
      underWay = Meter(label: "caravan_participant_calls_under_way", dimensions: dimensions)
      waiting = Meter(label: "caravan_participant_calls_waiting", dimensions: dimensions)
      open = Meter(label: "caravan_participant_circuit_open", dimensions: dimensions)
      kept = Dictionary(
        uniqueKeysWithValues: Obstacle.Kind.allCases.map { kind in
          let reason = [("reason", kind.rawValue)]
          let label = "caravan_participant_calls_kept_back"
          return (kind, Counter(label: label, dimensions: dimensions + reason))
        })
    }

    func show(underWay: Int, waiting: Int) {
      self.underWay.set(underWay)
      self.waiting.set(waiting)
    }

    func show(isOpen: Bool) { open.set(isOpen ? 1 : 0) }

    func keptBack(_ obstacle: Obstacle, _ count: Int64) {
      kept[obstacle.kind]?.increment(by: count)
    }

    func destroy() {
      for meter in [underWay, waiting, open] { meter.destroy() }
      for counter in kept.values { counter.destroy() }
    }
  }
}

extension CallAdmission.Effect {
  /// Of the call that has waited.
  fileprivate var number: UInt64? {
    switch self {
    case .send(let pass): pass.number
    case .end(let number, _): number
    case .circuitOpened, .circuitClosed: nil
    }
  }
}
