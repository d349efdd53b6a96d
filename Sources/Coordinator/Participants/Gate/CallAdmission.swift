import Mode

/// Which calls may go to one participant's address now: so many under way, a circuit that opens
/// while nobody can be reached there, a budget of retries.
///
///     closed ──failures in a row──► open ──its time has come, a call──► probing ──an answer──► closed
///                                    ▲  └──────a late answer──► closed     │  └─no word in time─► probing
///                                    └──────a failure: open twice as long──┘
///
/// A value: time and chance come in with the calls, and it knows calls by their numbers. Whoever is
/// not let through at once either waits in line or is kept back; each that waits gets one `send` or
/// `end`.
struct CallAdmission: Equatable, Sendable {
  struct Limits: Equatable, Sendable {
    /// Calls under way at most.
    var callsMax: Int
    /// Calls in line at most.
    var waitingMax: Int
    /// Failures in a row that open the circuit.
    var failuresMax: UInt32
    /// How long the circuit is open at first; twice as long after each probe that fails.
    var openFirst: Span
    var openMax: Span = .seconds(30)
    /// Share by which that varies at random, in percent.
    var openJitterPercent: Int64 = 20
    /// Retries that the budget allows at once.
    var retriesMax: Int
    /// Retries that flow in each second.
    var retriesPerSecond = 10
  }

  enum Circuit: Equatable, Sendable {
    /// Calls go through. Moves to: open.
    case closed(failures: UInt32)
    /// Nothing goes through before `until`; then one call does. Moves to: probing, closed.
    case open(Outage)
    /// One call tries whether it is over. Where it has not ended by `until`, another one tries: a
    /// probe may have an hour's timeout. Moves to: probing, open, closed.
    case probing(Outage, by: UInt64)
  }

  /// What is known of an address that cannot be reached.
  struct Outage: Equatable, Sendable {
    var until: Instant
    var length: Span
    /// In a row, probes included.
    var failures: UInt32
    /// What the last one came to.
    var last: String
  }

  /// Lets one call through; given back when it has ended.
  struct Pass: Equatable, Sendable {
    let number: UInt64
    /// Counts the outages that were over when the call went out.
    let era: UInt32
  }

  /// What becomes of a call that asks.
  enum Verdict: Equatable, Sendable {
    case send(Pass)
    /// It stands in line.
    case wait
    case keepBack(Obstacle)
  }

  /// What a call that has ended says of the participant.
  enum Outcome: Equatable, Sendable {
    case done
    /// An answer, though not that it is done.
    case answered
    /// It was not reached, or did not answer; how that showed.
    case failed(String)
    /// Nothing.
    case silent
  }

  enum Effect: Equatable, Sendable {
    /// This call has waited and goes out now.
    case send(Pass)
    /// This call has waited in vain.
    case end(UInt64, Obstacle)
    case circuitOpened(Outage)
    case circuitClosed
  }

  let limits: Limits
  private(set) var circuit = Circuit.closed(failures: 0)
  private(set) var underWay = 0
  private var line = WaitingLine()
  private(set) var budget: RetryBudget
  private var era: UInt32 = 0
  /// When a call last asked or ended.
  private(set) var lastUsed: Instant

  init(_ limits: Limits, at now: Instant) {
    self.limits = limits
    budget = RetryBudget(max: limits.retriesMax, perSecond: limits.retriesPerSecond, at: now)
    lastUsed = now
  }

  /// Calls in line.
  var waiting: Int { line.count }

  /// Nothing is under way or waits: all that would be lost with it is what it remembers.
  var isIdle: Bool { underWay == 0 && line.count == 0 }

  // MARK: Calls

  /// A call wants to go out. Numbers never come twice.
  mutating func offer(_ number: UInt64, isRetry: Bool, at now: Instant) -> Verdict {
    lastUsed = now
    switch circuit {
    case .open(let outage):
      guard outage.until <= now, underWay < limits.callsMax else {
        return .keepBack(Obstacle(outage, at: now))
      }
      return .send(probe(outage, number, at: now))
    case .probing(let outage, _):
      guard outage.until <= now, underWay < limits.callsMax else {
        return .keepBack(Obstacle(probing: outage))
      }
      return .send(probe(longer(outage), number, at: now))
    case .closed:
      let isFree = underWay < limits.callsMax
      guard isFree || line.count < limits.waitingMax else { return .keepBack(crowd(isFull: true)) }
      if isRetry, !budget.take(at: now) { return .keepBack(.budgetSpent) }
      if isFree { return .send(pass(number)) }
      line.append(number)
      return .wait
    }
  }

  /// A call that went out has ended.
  ///
  /// - Parameter noise: any bits; they spread the probes, and are asked for where there is one to
  ///   spread
  mutating func ended(
    _ pass: Pass, _ outcome: Outcome, at now: Instant, noise: @autoclosure () -> UInt64
  ) -> [Effect] {
    lastUsed = now
    underWay -= 1
    var effects: [Effect] = []
    switch outcome {
    case .done:
      budget.giveBack(at: now)
      close(&effects)
    case .answered:
      close(&effects)
    case .failed(let text):
      failed(pass, text, at: now, noise: noise, &effects)
    case .silent:
      // It probed nothing: the next call does.
      if case .probing(var outage, by: pass.number) = circuit {
        outage.until = now
        circuit = .open(outage)
      }
    }
    while case .closed = circuit, underWay < limits.callsMax, let next = line.popFirst() {
      effects.append(.send(self.pass(next)))
    }
    return effects
  }

  /// The time of a call in line is up.
  ///
  /// - Returns: why it went nowhere; nil: it does not stand in line any more
  mutating func expired(_ number: UInt64) -> Obstacle? {
    line.remove(number) ? crowd(isFull: false) : nil
  }

  // MARK: Those who look

  /// What a call would meet now; nil: nothing.
  func obstacle(isRetry: Bool, at now: Instant) -> Obstacle? {
    switch circuit {
    case .open(let outage): Obstacle(outage, at: now)
    case .probing(let outage, _): Obstacle(probing: outage)
    case .closed(_):
      if underWay >= limits.callsMax {
        crowd(isFull: line.count >= limits.waitingMax)
      } else if isRetry, budget.left(at: now) == 0 {
        .budgetSpent
      } else {
        nil
      }
    }
  }

  /// What a call in line waits for.
  func crowd(isFull: Bool) -> Obstacle {
    .crowd(underWay: underWay, waiting: line.count, isFull: isFull)
  }

  // MARK: The circuit

  private mutating func pass(_ number: UInt64) -> Pass {
    underWay += 1
    return Pass(number: number, era: era)
  }

  /// The probe costs no retry: the circuit bounds them already.
  private mutating func probe(_ outage: Outage, _ number: UInt64, at now: Instant) -> Pass {
    var outage = outage
    outage.until = now + outage.length
    circuit = .probing(outage, by: number)
    return pass(number)
  }

  private func longer(_ outage: Outage) -> Outage {
    var outage = outage
    let twice = Span(milliseconds: outage.length.milliseconds * 2)
    outage.length = min(twice, max(limits.openMax, limits.openFirst))
    return outage
  }

  private mutating func close(_ effects: inout [Effect]) {
    if case .closed = circuit {
    } else {
      // What went out before may go on failing, and says nothing of the time after.
      era += 1
      effects.append(.circuitClosed)
    }
    circuit = .closed(failures: 0)
  }

  private mutating func failed(
    _ pass: Pass, _ text: String, at now: Instant, noise: () -> UInt64,
    _ effects: inout [Effect]
  ) {
    var outage: Outage
    switch circuit {
    case .closed(let failures):
      guard pass.era == era else { return }
      guard failures + 1 >= limits.failuresMax else {
        circuit = .closed(failures: failures + 1)
        return
      }
      outage = Outage(until: now, length: limits.openFirst, failures: failures + 1, last: text)
    case .probing(let last, by: pass.number):
      outage = longer(last)
      outage.failures = last.failures &+ 1
      outage.last = text
    case .open, .probing:
      return
    }
    open(outage, at: now, noise: noise(), &effects)
  }

  private mutating func open(
    _ outage: Outage, at now: Instant, noise: UInt64, _ effects: inout [Effect]
  ) {
    var outage = outage
    let length = outage.length.milliseconds
    let spread = length * limits.openJitterPercent / 100
    let jitter = Int64(noise % UInt64(2 * spread + 1)) - spread
    outage.until = now + .milliseconds(length + jitter)
    circuit = .open(outage)
    effects.append(.circuitOpened(outage))
    while let waiting = line.popFirst() {
      effects.append(.end(waiting, Obstacle(outage, at: now)))
    }
  }
}
