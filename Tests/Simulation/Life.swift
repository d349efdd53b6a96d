import Mode
import Store
import Support

@testable import Coordinator

/// One life of the coordinator: the real shard and keeper, with simulated seams.
final class Life: ShardEnvironment, KeeperEnvironment, ParticipantCaller, @unchecked Sendable {
  let number: Int
  unowned let world: World
  private var random: SeededGenerator
  private(set) var shard: Shard!
  private(set) var keeper: Keeper!
  private(set) var store: SimulatedStore!

  private(set) var isAlive = true
  private(set) var isFrozen = false
  var onThaw: [() -> Void] = []

  private var lease: (incarnation: Int64, until: Int64)?
  private var shardWake: UInt64 = 0
  private var keeperWake: UInt64 = 0
  /// Calls, writes, and answers to callers.
  private var effects = 0
  /// The requests of callers that wait for an answer of this life.
  private var requests: [Int: () -> Void] = [:]
  private var lastRequest = 0

  init(number: Int, world: World, random: SeededGenerator) {
    self.number = number
    self.world = world
    self.random = random
    store = SimulatedStore(life: self, random: self.random.fork())
    shard = Shard(
      index: 0, limits: world.scenario.limits, store: store, participants: self,
      environment: self, observer: world.observer,
      decode: { record in
        let transaction = world.scenario.transactions[Int(record.definition[0])]
        return transaction.branches[Int(record.definition[1])].definition
      })
    let settings = Keeper.Settings(
      node: "caravan", address: "", lease: world.scenario.lease,
      sweepEvery: .milliseconds(2_500), removeEvery: .seconds(100_000), page: 2,
      retention: .seconds(7 * 86_400), idRetention: .seconds(90 * 86_400))
    keeper = Keeper(settings: settings, store: store, sink: 1, environment: self)
    keeper.wake()
  }

  // MARK: Dying

  /// One more effect leaves the process; false: it does not, for the process is dead.
  func effect() -> Bool {
    guard isAlive else { return false }
    effects += 1
    world.crashes.afterEffect(effects, of: self)
    return isAlive
  }

  func die() {
    guard isAlive else { return }
    isAlive = false
    onThaw = []
    for request in requests.sorted(by: { $0.key < $1.key }) { request.value() }
    requests = [:]
  }

  func freeze(for span: Int64) {
    isFrozen = true
    for request in requests.sorted(by: { $0.key < $1.key }) { request.value() }
    requests = [:]
    world.clock.after(span) { [self] in
      guard isAlive else { return }
      isFrozen = false
      world.trace("life \(number) thaws")
      // Timers and answers that have waited come in any order.
      var held = onThaw
      onThaw = []
      while !held.isEmpty { held.remove(at: random.below(held.count))() }
    }
  }

  /// Lets go of all that waits for answers which will never come.
  func dismantle() {
    isAlive = false
    requests = [:]
    onThaw = []
    lease = nil
    keeper.leave {}
    shard.dropEverything()
    store.failAll()
    keeper = nil
    shard = nil
    store = nil
  }

  /// Runs now, or once the process goes on, or never.
  func run(_ body: @escaping () -> Void) {
    guard isAlive else { return }
    if isFrozen { onThaw.append(body) } else { body() }
  }

  // MARK: Callers

  /// A request with its answer; `lost` where this life ends before it answers.
  func ask<Answer>(
    _ request: (Shard, @escaping (Answer) -> Void) -> Void,
    answer: @escaping (Answer) -> Void, lost: @escaping () -> Void
  ) {
    guard isAlive, !isFrozen else { return lost() }
    lastRequest += 1
    let key = lastRequest
    requests[key] = lost
    request(shard) { [self] result in
      guard effect(), requests.removeValue(forKey: key) != nil else { return }
      answer(result)
    }
  }

  // MARK: ParticipantCaller

  func call(_ call: OutgoingCall, for shard: Shard) {
    guard effect() else { return }
    world.trace(
      "  life \(number) calls \(call.ticket.transaction) \(call.branchID) "
        + "\(call.attempt.action) #\(call.attempt.number)")
    world.checker.calls(call, life: self)
    world.network.send(call, from: self)
  }

  // MARK: ShardEnvironment and KeeperEnvironment

  var now: Instant { Instant(milliseconds: world.clock.now) }
  var monotonic: Instant { now }
  var databaseNow: Instant { now }
  func noise() -> UInt64 { random.next() }

  var incarnation: Int64? {
    guard let lease, world.clock.now < lease.until else { return nil }
    return lease.incarnation
  }

  func wake(at instant: Instant, shard: Shard) {
    shardWake += 1
    guard isAlive else { return }
    let token = shardWake
    world.clock.at(instant.milliseconds + random.number(0...2)) { [self] in
      run { [self] in
        if token == shardWake { shard.wake() }
      }
    }
  }

  func wakeKeeper(at instant: Instant) {
    keeperWake += 1
    guard isAlive else { return }
    let token = keeperWake
    // Now and then its thread is busy elsewhere.
    let lag = !world.isCalm && random.chance(3) ? random.number(5...900) : random.number(0...5)
    world.clock.at(instant.milliseconds + lag) { [self] in
      run { [self] in
        if token == keeperWake { keeper.wake() }
      }
    }
  }

  func leaseHeld(
    incarnation: Int64, until: Instant, databaseNow: Instant, sentAt: Instant
  ) {
    if lease?.incarnation != incarnation {
      world.trace("life \(number) joins as \(incarnation)")
    }
    lease = (incarnation, until.milliseconds)
  }

  func leaseLost() {
    if isAlive {
      world.trace("life \(number) lost its lease")
      world.histories.note(.leaseLost)
    }
    lease = nil
    shard.dropEverything()
  }

  func failed(_ task: String, _ reason: String) {
    world.trace("life \(number) fails at \(task): \(reason)")
  }

  var room: Int { max(0, world.scenario.limits.liveMax - shard.live.count) }

  func hand(_ id: String, driverGoneAt: Instant) {
    world.trace("life \(number) resumes \(id)")
    shard.resume(id: id, driverGoneAt: driverGoneAt)
  }
}
