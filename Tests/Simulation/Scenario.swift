import Mode
import Store
import Support

@testable import Coordinator

/// Everything of a history that is chosen before it begins.
struct Scenario {
  /// A crash of the coordinator.
  struct Crash {
    enum Trigger {
      case at(Int64)
      /// After so many effects of one life: between any two calls, writes and replies.
      case afterEffects(Int)
      /// So long after a transaction was seen in this state.
      case after(Transaction.State, Int64)
      /// So long after one level was done while another was not.
      case betweenLevels(Int64)
    }
    var trigger: Trigger
    var downFor: Int64
    /// The batch on its way is committed although its sender is dead.
    var batchSurvives: Bool
    /// It does not end, it stands still, and comes back when its successor is at work.
    var freezes: Bool
  }

  /// Made once: a run has many scenarios.
  private static let usualLimits = Shard.Limits(Settings(), shardCount: 1)

  let seed: UInt64
  var weather: Weather
  var crashes: [Crash] = []
  var transactions: [PlannedTransaction] = []
  var limits = Scenario.usualLimits
  var lease: Span = .seconds(4)
  var random: SeededGenerator

  init(seed: UInt64) {
    self.seed = seed
    var random = SeededGenerator(seed: seed &* 0x2545_f491_4f6c_dd1d)
    weather = Weather(using: &random)
    let calls = random.pick([0, 0, 1, 1, 2, 3])
    if weather.calmAt > 0 {
      for _ in 0..<calls { crashes.append(Self.crash(using: &random)) }
    }
    for index in 0..<random.pick([1, 1, 2, 3]) {
      transactions.append(PlannedTransaction(index: index, using: &random))
    }
    if random.chance(30) { limits.parkAfter = .milliseconds(random.number(200...3_000)) }
    if random.chance(5) { limits.liveMax = 1 }
    if random.chance(10) { lease = .milliseconds(400) }
    self.random = random
    if seed % 40 == 0 { crashBeforeRefusal() }
  }

  /// A history that chance alone brings about too rarely: a crash between levels, and then a
  /// refusal.
  private mutating func crashBeforeRefusal() {
    weather = Weather(calmAt: 40_000)
    crashes = [
      Crash(
        trigger: .betweenLevels(random.number(0...3)), downFor: random.number(10...3_000),
        batchSurvives: random.chance(50), freezes: random.chance(15))
    ]
    transactions = [PlannedTransaction(refusedAbove: 1 + random.below(3), using: &random)]
  }

  private static func crash(using random: inout SeededGenerator) -> Crash {
    let trigger: Crash.Trigger
    switch random.below(5) {
    case 0: trigger = .at(random.number(0...8_000))
    case 2: trigger = .betweenLevels(random.number(0...15))
    case 1:
      let state = random.pick([
        Transaction.State.active, .executing(.start), .executing(.commit), .prepared,
        .committing, .rollingBack,
      ])
      trigger = .after(state, random.number(0...200))
    default: trigger = .afterEffects(8 + random.below(40))
    }
    return Crash(
      trigger: trigger, downFor: random.number(10...random.pick([500, 9_000])),
      batchSurvives: random.chance(50),
      freezes: random.chance(15))
  }
}
