import Mode

/// Why a call is kept from its participant.
enum Obstacle: Equatable, Sendable {
  /// When the next call goes through an open circuit.
  enum Probe: Equatable, Sendable {
    case after(Span)
    /// The next call is it.
    case due
    case underWay
  }
  case circuitOpen(failures: UInt32, last: String, next: Probe)
  /// As many calls as may be are under way.
  case crowd(underWay: Int, waiting: Int, isFull: Bool)
  case budgetSpent

  init(_ outage: CallAdmission.Outage, at now: Instant) {
    let left = outage.until - now
    self = .circuitOpen(
      failures: outage.failures, last: outage.last,
      next: left > .milliseconds(0) ? .after(left) : .due)
  }

  init(probing outage: CallAdmission.Outage) {
    self = .circuitOpen(failures: outage.failures, last: outage.last, next: .underWay)
  }

  /// The name in metrics.
  enum Kind: String, CaseIterable, Sendable { case circuit, crowd, budget }

  var kind: Kind {
    switch self {
    case .circuitOpen: .circuit
    case .crowd: .crowd
    case .budgetSpent: .budget
    }
  }

  /// Why an attempt was not sent.
  func reason(at address: String) -> String {
    switch self {
    case .circuitOpen(let failures, let last, let next):
      "the circuit of \(address) is open after \(failures) failures in a row"
        + " (last: \(last)); \(next.words)"
    case .crowd(let underWay, let waiting, isFull: true):
      "\(underWay) calls to \(address) are under way and \(waiting) wait, which is as many as may"
    case .crowd(let underWay, _, isFull: false):
      "waited for half of the time that the attempt may take: "
        + "\(underWay) calls to \(address) are under way"
    case .budgetSpent:
      "the budget of retries to \(address) is spent"
    }
  }

  /// What a branch waits for.
  func hold(at address: String) -> String {
    switch self {
    case .circuitOpen(_, _, let next): "circuit of \(address) open, \(next.words)"
    case .crowd(let underWay, let waiting, _):
      "\(underWay) calls to \(address) under way, \(waiting) wait"
    case .budgetSpent: "budget of retries to \(address) spent"
    }
  }
}

extension Obstacle.Probe {
  fileprivate var words: String {
    switch self {
    case .after(let span): "next probe in \(span.roundedUp)"
    case .due: "the next call is a probe"
    case .underWay: "a probe is under way"
    }
  }
}

extension Span {
  /// In milliseconds below a second, in whole seconds from there.
  fileprivate var roundedUp: String {
    milliseconds < 1_000 ? "\(milliseconds) ms" : "\((milliseconds + 999) / 1_000) s"
  }
}

extension CallReport {
  /// An attempt that was kept from its participant.
  init(_ obstacle: Obstacle, at address: String) {
    self.init(.notSent, error: obstacle.reason(at: address))
    waitsForParticipant = obstacle.kind == .circuit
  }
}
