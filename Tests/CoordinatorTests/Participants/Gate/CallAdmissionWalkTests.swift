import Mode
import Support
import Testing

@testable import Coordinator

/// Random histories of one address, each of which must keep what the gate promises.
@Suite struct CallAdmissionWalkTests {
  @Test(arguments: UInt64(1)...60)
  func everyHistoryKeepsThePromises(seed: UInt64) throws {
    var walk = Walk(seed: seed)
    for _ in 0..<2_000 { try walk.step() }
    try walk.finish()
  }
}

private struct Walk {
  private var random: SeededGenerator
  private var admission: CallAdmission
  private let limits: CallAdmission.Limits
  private var now = Instant(milliseconds: 0)
  private var last: UInt64 = 0
  private var underWay: [CallAdmission.Pass] = []
  /// In the order in which they came.
  private var line: [UInt64] = []
  private var probe: UInt64?
  /// Days of rain have many failures.
  private var failurePercent = 10

  init(seed: UInt64) {
    random = SeededGenerator(seed: seed)
    var limits = CallAdmission.Limits.forTests
    limits.callsMax = Int.random(in: 1...6, using: &random)
    limits.waitingMax = Int.random(in: 0...80, using: &random)
    limits.failuresMax = UInt32.random(in: 1...5, using: &random)
    limits.retriesMax = Int.random(in: 1...10, using: &random)
    self.limits = limits
    admission = CallAdmission(limits, at: now)
  }

  mutating func step() throws {
    switch Int.random(in: 0..<100, using: &random) {
    case ..<45: try ask()
    case ..<80: try end(below: failurePercent)
    case ..<86: try expire()
    case ..<87: failurePercent = [0, 10, 90, 100].randomElement(using: &random) ?? 0
    case ..<88: now = now + .milliseconds(Int64.random(in: 0...60_000, using: &random))
    default: now = now + .milliseconds(Int64.random(in: 0...50, using: &random))
    }
    try check()
  }

  /// All that is under way ends, and everybody who waits gets an end.
  mutating func finish() throws {
    while !underWay.isEmpty {
      try end(below: 0)
      try check()
    }
    #expect(line.isEmpty)
    #expect(admission.isIdle)
  }

  private mutating func ask() throws {
    last += 1
    let before = admission.circuit
    switch admission.offer(last, isRetry: Bool.random(using: &random), at: now) {
    case .send(let pass):
      #expect(pass.number == last)
      #expect(line.isEmpty, "nobody overtakes those who wait")
      switch before {
      case .closed: break
      case .open:
        #expect(probe == nil, "one probe at a time")
        probe = last
      case .probing(let outage, _):
        #expect(outage.until <= now, "another one once its time is up")
        probe = last
      }
      underWay.append(pass)
    case .wait:
      #expect(before.isClosed)
      #expect(underWay.count == limits.callsMax)
      line.append(last)
    case .keepBack(.circuitOpen): #expect(!before.isClosed)
    case .keepBack(.crowd): #expect(line.count == limits.waitingMax)
    case .keepBack(.budgetSpent): #expect(admission.budget.left(at: now) == 0)
    }
  }

  private mutating func end(below percent: Int) throws {
    guard !underWay.isEmpty else { return }
    let pass = underWay.remove(at: Int.random(in: 0..<underWay.count, using: &random))
    let outcome: CallAdmission.Outcome =
      if Int.random(in: 0..<100, using: &random) < percent {
        .failed("down")
      } else {
        [.done, .answered, .silent].randomElement(using: &random) ?? .done
      }
    if pass.number == probe { probe = nil }
    let bits = random.next()
    for effect in admission.ended(pass, outcome, at: now, noise: bits) {
      switch effect {
      case .send(let pass):
        #expect(pass.number == line.first, "first come, first served")
        line.removeFirst()
        underWay.append(pass)
      case .end(let number, let obstacle):
        #expect(obstacle.kind == .circuit)
        #expect(number == line.first)
        line.removeFirst()
      case .circuitOpened: break
      case .circuitClosed:
        #expect(outcome == .done || outcome == .answered)
        probe = nil
      }
    }
  }

  private mutating func expire() throws {
    guard let number = line.randomElement(using: &random) else { return }
    #expect(admission.expired(number) != nil)
    #expect(admission.expired(number) == nil)
    line.removeAll { $0 == number }
  }

  private func check() throws {
    try #require(admission.underWay == underWay.count)
    try #require(underWay.count <= limits.callsMax)
    try #require(admission.waiting == line.count)
    try #require(line.count <= limits.waitingMax)
    try #require(line.isEmpty || (admission.circuit.isClosed && underWay.count == limits.callsMax))
    try #require((0...limits.retriesMax).contains(admission.budget.left(at: now)))
    if case .open(let outage) = admission.circuit {
      try #require(outage.length <= limits.openMax)
      try #require(outage.until - now <= .milliseconds(limits.openMax.milliseconds * 6 / 5))
    }
  }
}

extension CallAdmission.Circuit {
  fileprivate var isClosed: Bool { if case .closed = self { true } else { false } }
}
