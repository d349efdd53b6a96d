import Mode
import Testing

@testable import Coordinator

/// Two calls at a time, three in line, a circuit of three failures and one second, a budget of two
/// retries.
@Suite struct CallAdmissionTests {
  private var gate = Spoken()

  @Test mutating func callsGoOutUpToTheCapAndTheOthersWaitInLine() {
    #expect(gate.ask(1) == .send)
    #expect(gate.ask(2) == .send)
    #expect(gate.ask(3) == .wait)
    #expect(gate.ask(4) == .wait)
    #expect(gate.end(1, .done) == [.send(3)])
    #expect(gate.end(3, .answered) == [.send(4)])
    #expect(gate.end(2, .done) == [])
    #expect(gate.admission.underWay == 1)
  }

  @Test mutating func aLineThatIsFullTakesNobody() {
    for number in 1...5 { _ = gate.ask(UInt64(number)) }
    #expect(gate.ask(6) == .keptBack(.crowd(underWay: 2, waiting: 3, isFull: true)))
  }

  @Test mutating func whoeverWaitsTooLongLeavesTheLine() {
    for number in 1...4 { _ = gate.ask(UInt64(number)) }
    #expect(
      gate.admission.expired(3) == .crowd(underWay: 2, waiting: 1, isFull: false))
    #expect(gate.admission.expired(3) == nil)
    #expect(gate.end(1, .done) == [.send(4)])
    #expect(gate.admission.expired(4) == nil)
  }

  @Test mutating func failuresInARowOpenTheCircuitAndEndThoseInLine() {
    for number in 1...4 { _ = gate.ask(UInt64(number)) }
    #expect(gate.end(1, .failed("no answer")) == [.send(3)])
    #expect(gate.end(2, .failed("no answer")) == [.send(4)])
    _ = gate.ask(5)
    let open = Obstacle.circuitOpen(
      failures: 3, last: "refused", next: .after(.milliseconds(1_000)))
    #expect(gate.end(3, .failed("refused")) == [.opened, .end(5, open)])
    #expect(gate.ask(6) == .keptBack(open))
    gate.pass(.milliseconds(400))
    #expect(
      gate.ask(7)
        == .keptBack(
          .circuitOpen(failures: 3, last: "refused", next: .after(.milliseconds(600)))))
  }

  @Test mutating func anAnswerBetweenFailuresKeepsItClosed() {
    for outcome in [CallAdmission.Outcome.answered, .done] {
      #expect(gate.call(.failed("")) == [])
      #expect(gate.call(.failed("")) == [])
      #expect(gate.call(outcome) == [])
    }
    #expect(gate.call(.failed("")) == [])
    #expect(gate.call(.silent) == [])
    #expect(gate.call(.failed("")) == [])
    #expect(gate.call(.failed("")) == [.opened])
  }

  @Test mutating func oneProbeAtATimeAndItsAnswerClosesTheCircuit() {
    gate.open()
    gate.pass(.seconds(1))
    #expect(gate.ask(50) == .send)
    #expect(gate.ask(51) == .keptBack(.circuitOpen(failures: 3, last: "down", next: .underWay)))
    #expect(gate.end(50, .answered) == [.closed])
    #expect(gate.ask(52) == .send)
    #expect(gate.ask(53) == .send)
  }

  @Test mutating func aProbeThatTakesLongDoesNotKeepOthersFromProbing() {
    gate.open()
    gate.pass(.seconds(1))
    #expect(gate.ask(50) == .send)
    gate.pass(.milliseconds(999))
    #expect(gate.ask(51) == .keptBack(.circuitOpen(failures: 3, last: "down", next: .underWay)))
    gate.pass(.milliseconds(1))
    #expect(gate.ask(52) == .send)
    gate.pass(.milliseconds(1_999))
    #expect(gate.ask(53) == .keptBack(.circuitOpen(failures: 3, last: "down", next: .underWay)))
    #expect(gate.end(50, .failed("late")) == [])
    #expect(gate.end(52, .done) == [.closed])
  }

  @Test mutating func theCircuitIsOpenTwiceAsLongAfterEachProbeThatFails() {
    gate.open()
    var lengths: [Int64] = []
    for _ in 0..<7 {
      guard case .open(let outage) = gate.admission.circuit else { return #expect(Bool(false)) }
      lengths.append(outage.length.milliseconds / 1_000)
      gate.pass(outage.length)
      #expect(gate.call(.failed("still down")) == [.opened])
    }
    #expect(lengths == [1, 2, 4, 8, 16, 30, 30])
    #expect(
      gate.ask(90)
        == .keptBack(
          .circuitOpen(failures: 10, last: "still down", next: .after(.seconds(30)))))
  }

  @Test mutating func chanceSpreadsTheProbesByAFifth() {
    var times: Set<Int64> = []
    for noise in stride(from: UInt64(0), through: 400, by: 1) {
      var gate = Spoken()
      gate.noise = noise
      gate.open()
      guard case .open(let outage) = gate.admission.circuit else { return #expect(Bool(false)) }
      times.insert((outage.until - gate.now).milliseconds)
    }
    #expect(times.min() == 800)
    #expect(times.max() == 1_200)
  }

  @Test mutating func aProbeThatSaysNothingLeavesTheNextCallToProbe() {
    gate.open()
    gate.pass(.seconds(1))
    #expect(gate.call(.silent) == [])
    #expect(gate.admission.obstacle(isRetry: false, at: gate.now) != nil)
    #expect(gate.call(.done) == [.closed])
  }

  @Test mutating func aLateAnswerClosesTheCircuit() {
    #expect(gate.ask(50) == .send)
    gate.open()
    #expect(gate.end(50, .answered) == [.closed])
  }

  @Test mutating func failuresOfCallsFromBeforeAnOutageDoNotOpenItAgain() {
    var limits = Spoken.limits
    limits.callsMax = 10
    gate = Spoken(limits)
    for number in 1...4 { _ = gate.ask(UInt64(number)) }
    gate.open()
    gate.pass(.seconds(1))
    #expect(gate.call(.done) == [.closed])
    for number in 1...4 { #expect(gate.end(UInt64(number), .failed("late")) == []) }
    #expect(gate.admission.circuit == .closed(failures: 0))
  }

  @Test mutating func aProbeWaitsForRoomBelowTheCap() {
    var limits = Spoken.limits
    limits.callsMax = 5
    gate = Spoken(limits)
    for number in 1...5 { _ = gate.ask(UInt64(number)) }
    for number in 1...3 { _ = gate.end(UInt64(number), .failed("down")) }
    gate.pass(.seconds(1))
    #expect(gate.ask(6) == .send)
    #expect(gate.end(6, .failed("down")) == [.opened])
    #expect(gate.admission.underWay == 2)
  }

  @Test mutating func retriesSpendTheBudgetAndFirstAttemptsDoNot() {
    for _ in 0..<5 { #expect(gate.call(.answered) == []) }
    #expect(gate.ask(51, isRetry: true) == .send)
    #expect(gate.end(51, .answered) == [])
    #expect(gate.ask(52, isRetry: true) == .send)
    #expect(gate.end(52, .answered) == [])
    #expect(gate.ask(53, isRetry: true) == .keptBack(.budgetSpent))
    #expect(gate.ask(54) == .send)
    #expect(gate.end(54, .done) == [])
    #expect(gate.ask(55, isRetry: true) == .send)
    #expect(gate.ask(56, isRetry: true) == .keptBack(.budgetSpent))
    gate.pass(.milliseconds(99))
    #expect(gate.admission.budget.left(at: gate.now) == 0)
    gate.pass(.milliseconds(1))
    #expect(gate.admission.budget.left(at: gate.now) == 1)
    gate.pass(.seconds(86_400 * 365 * 100))
    #expect(gate.admission.budget.left(at: gate.now) == 2)
  }

  @Test mutating func aProbeCostsNoRetry() {
    _ = gate.ask(51, isRetry: true)
    _ = gate.ask(52, isRetry: true)
    _ = gate.end(51, .silent)
    _ = gate.end(52, .silent)
    gate.open()
    gate.pass(.seconds(1))
    #expect(gate.ask(53, isRetry: true) == .send)
  }

  @Test mutating func thoseWhoLookSeeWhatACallWouldMeet() {
    #expect(gate.admission.obstacle(isRetry: true, at: gate.now) == nil)
    for number in 1...3 { _ = gate.ask(UInt64(number)) }
    #expect(
      gate.admission.obstacle(isRetry: false, at: gate.now)
        == .crowd(underWay: 2, waiting: 1, isFull: false))
  }
}

/// An admission that is spoken to in short words.
private struct Spoken {
  enum Answer: Equatable { case send, wait, keptBack(Obstacle) }
  enum Heard: Equatable { case send(UInt64), end(UInt64, Obstacle), opened, closed }

  static var limits: CallAdmission.Limits {
    var limits = CallAdmission.Limits.forTests
    limits.callsMax = 2
    limits.waitingMax = 3
    limits.failuresMax = 3
    limits.retriesMax = 2
    return limits
  }

  var admission: CallAdmission
  var now = Instant(milliseconds: 1_000_000)
  /// In the middle: no jitter.
  var noise: UInt64?
  private var passes: [UInt64: CallAdmission.Pass] = [:]
  private var last: UInt64 = 1_000

  init(_ limits: CallAdmission.Limits = Spoken.limits) {
    admission = CallAdmission(limits, at: now)
  }

  mutating func pass(_ span: Span) { now = now + span }

  mutating func ask(_ number: UInt64, isRetry: Bool = false) -> Answer {
    switch admission.offer(number, isRetry: isRetry, at: now) {
    case .send(let pass):
      passes[number] = pass
      return .send
    case .wait: return .wait
    case .keepBack(let obstacle): return .keptBack(obstacle)
    }
  }

  mutating func end(_ number: UInt64, _ outcome: CallAdmission.Outcome) -> [Heard] {
    guard let pass = passes.removeValue(forKey: number) else {
      Issue.record("call \(number) is not under way")
      return []
    }
    let bits = noise ?? middle
    let effects = admission.ended(pass, outcome, at: now, noise: bits)
    return effects.map { effect in
      switch effect {
      case .send(let pass):
        passes[pass.number] = pass
        return .send(pass.number)
      case .end(let number, let obstacle): return .end(number, obstacle)
      case .circuitOpened: return .opened
      case .circuitClosed: return .closed
      }
    }
  }

  /// A call that goes out and ends.
  mutating func call(_ outcome: CallAdmission.Outcome) -> [Heard] {
    last += 1
    guard ask(last) == .send else {
      Issue.record("call \(last) did not go out")
      return []
    }
    return end(last, outcome)
  }

  mutating func open() {
    while case .closed = admission.circuit { _ = call(.failed("down")) }
  }

  private var middle: UInt64 {
    let length: Int64 =
      switch admission.circuit {
      case .closed: admission.limits.openFirst.milliseconds
      case .open(let outage), .probing(let outage, _):
        min(2 * outage.length.milliseconds, admission.limits.openMax.milliseconds)
      }
    return UInt64(length / 5)
  }
}
