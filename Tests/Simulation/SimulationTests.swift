import Foundation
import Testing

/// The rules, the shard and the keeper over a store that forgets what was not durable, a network
/// that loses, repeats and delays, and
/// participants whose ledgers are the judge. Each history follows from its seed.
///
/// `CARAVAN_SEEDS` sets how many histories run, `CARAVAN_FIRST_SEED` with which the first begins.
@Suite struct SimulationTests {
  @Test func everyHistoryEndsAndNothingIsHalfDone() {
    let first = UInt64(setting("CARAVAN_FIRST_SEED") ?? 1)
    let count = UInt64(setting("CARAVAN_SEEDS") ?? 2_000)
    var histories = Histories()
    var events = 0
    let began = ContinuousClock.now
    for seed in first..<(first + count) {
      let world = World(seed: seed, isTracing: count == 1)
      defer { for line in world.traceLines { print(line) } }
      if let violation = world.run() {
        let traced = World(seed: seed, isTracing: true)
        _ = traced.run()
        let trace = traced.traceLines.joined(separator: "\n")
        Issue.record("seed \(seed): \(violation)\n\(trace)")
        return
      }
      histories += world.histories
      events += world.clock.eventsRun
    }
    let spent = ContinuousClock.now - began
    report(histories, count, events, spent)
    guard count >= 2_000 else { return }
    for kind in Histories.required {
      #expect(histories.count(kind) > 0, "this history did not occur: \(kind.rawValue)")
    }
  }

  @Test func aSeedReplaysExactly() {
    for seed in 1...30 as ClosedRange<UInt64> {
      let once = World(seed: seed, isTracing: true)
      let again = World(seed: seed, isTracing: true)
      #expect(once.run() == again.run())
      #expect(once.traceLines == again.traceLines, "seed \(seed)")
    }
  }

  private func setting(_ key: String) -> Int? {
    ProcessInfo.processInfo.environment[key].flatMap { Int($0) }
  }

  private func report(_ histories: Histories, _ count: UInt64, _ events: Int, _ spent: Duration) {
    let seconds = Double(spent.components.seconds) + Double(spent.components.attoseconds) / 1e18
    print("\(count) histories, \(events) events, \(Int(Double(count) / seconds)) histories/s")
    for kind in Histories.Kind.allCases {
      let number = "\(histories.count(kind))"
      print(String(repeating: " ", count: max(0, 9 - number.count)) + number + "  " + kind.rawValue)
    }
  }
}
