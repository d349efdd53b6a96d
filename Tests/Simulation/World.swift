import Mode
import StoreTesting
import Support

@testable import Coordinator
@testable import Store

/// One history: a scenario, and everything that takes part in it.
final class World {
  let scenario: Scenario
  let isTracing: Bool
  let clock = Clock()
  /// What is durable.
  var tables = Tables()
  var histories = Histories()
  private(set) var network: Network!
  private(set) var checker: Checker!
  private(set) var crashes: CrashPlan!
  private(set) var observer: SimulationObserver!
  private(set) var callers: [Caller] = []
  var finishedCallers = 0
  private var lives: [Life] = []
  private var random: SeededGenerator
  private(set) var traceLines: [String] = []

  /// Long after everything has calmed down.
  private static let patience: Int64 = 900_000
  private static let eventsMax = 300_000

  init(seed: UInt64, isTracing: Bool = false) {
    scenario = Scenario(seed: seed)
    self.isTracing = isTracing
    random = scenario.random
    network = Network(world: self, random: random.fork())
    checker = Checker(world: self)
    crashes = CrashPlan(world: self)
    observer = SimulationObserver(world: self)
    for transaction in scenario.transactions {
      callers.append(Caller(world: self, planned: transaction, random: random.fork()))
    }
  }

  /// The durable row.
  func row(_ id: String) -> StoredTransaction? { tables.row(id) }

  /// The life that callers talk to.
  var current: Life? { lives.last }
  var isCalm: Bool { scenario.weather.isCalm(at: clock.now) }

  func beginLife() {
    trace("life \(lives.count) begins")
    lives.append(Life(number: lives.count, world: self, random: random.fork()))
  }

  func trace(_ text: @autoclosure () -> String) {
    guard isTracing else { return }
    let stamp = "\(clock.now)"
    let indent = String(repeating: " ", count: max(0, 7 - stamp.count))
    traceLines.append("\(indent)\(stamp)  \(text())")
  }

  /// Runs until all has ended.
  ///
  /// - Returns: what was broken, nil if nothing was
  func run() -> String? {
    defer { dismantle() }
    beginLife()
    crashes.arm()
    for caller in callers { caller.start() }
    while checker.violation == nil, !isOver {
      guard clock.now < scenario.weather.calmAt + Self.patience,
        clock.eventsRun < Self.eventsMax, clock.step()
      else {
        trace("after \(clock.eventsRun) events")
        return checker.whatIsLeft()
      }
    }
    if checker.violation == nil { checker.judge() }
    return checker.violation
  }

  private var isOver: Bool {
    network.landings == 0 && finishedCallers == callers.count && checker.allHaveEnded
  }

  /// Closures of lives that never get their answers hold on to them.
  private func dismantle() {
    for life in lives { life.dismantle() }
    lives = []
    clock.clear()
    callers = []
  }
}

/// Counts what only the shard sees.
final class SimulationObserver: ShardObserver {
  private unowned let world: World

  init(world: World) { self.world = world }

  func began(_ transaction: LiveTransaction) {}
  func reached(_ point: Transaction.Point, _ transaction: LiveTransaction) {
    if point == .flag, transaction.machine.attention != nil { world.histories.note(.attention) }
  }
  func called(_ call: OutgoingCall) {}
  func replied(_ ticket: CallTicket, _ report: CallReport) {}
  func left(_ transaction: LiveTransaction) {
    if world.row(transaction.id)?.point.due != nil { world.histories.note(.parked) }
  }
  func deposed(_ transaction: LiveTransaction) {
    world.trace("  \(transaction.id) is driven elsewhere")
    world.histories.note(.deposed)
  }
  func writeFailed(_ transaction: LiveTransaction, _ reason: String) {}
  func unreadable(_ stored: StoredTransaction, branch: String) {
    world.checker.fail("branch \(branch) of \(stored.id) cannot be read")
  }
}
