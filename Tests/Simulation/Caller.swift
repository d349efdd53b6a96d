import Mode
import Store
import Support

@testable import Coordinator

/// Who begins a transaction and wants it to end: patient, impatient, contradictory or forgetful.
final class Caller {
  /// One request.
  enum Ask {
    case begin
    case register([Int])
    case execute(Waiter.Goal)
    case start
    case commit(Waiter.Goal)
    case rollback
    case get
  }

  /// How a request ended for its caller.
  enum Heard {
    case view(TransactionView)
    case registered
    case error(RequestError)
    case gaveUp
  }

  unowned let world: World
  let planned: PlannedTransaction
  private var random: SeededGenerator
  private(set) var isFinished = false {
    didSet { if isFinished, !oldValue { world.finishedCallers += 1 } }
  }
  private var isAuditing = false
  /// All requests of the script are answered, or given up.
  private var scriptIsOver = false

  init(world: World, planned: PlannedTransaction, random: SeededGenerator) {
    self.world = world
    self.planned = planned
    self.random = random
  }

  func start() {
    world.clock.after(planned.beginsAt) { [self] in
      if planned.script == .execute {
        let goal = random.pick([Waiter.Goal.end, .end, .decision, .accepted])
        ask(.execute(goal)) { _ in self.scriptEnds() }
        if random.chance(10) { ask(.execute(.end)) { _ in } }
        return
      }
      ask(.begin) { heard in
        guard case .view = heard else { return self.scriptEnds() }
        self.register(from: 0)
      }
    }
  }

  /// Registers all branches, a few at a time.
  private func register(from first: Int) {
    guard first < planned.branches.count else { return callOwnBranches() }
    let end = min(planned.branches.count, first + 1 + random.below(3))
    ask(.register(Array(first..<end))) { heard in
      guard case .registered = heard else { return self.scriptEnds() }
      // Repeats what was acknowledged: it must join.
      if self.random.chance(10) {
        self.ask(.register(Array(first..<end))) { _ in self.register(from: end) }
      } else {
        self.register(from: end)
      }
    }
  }

  /// Calls what it registered as called by itself.
  private func callOwnBranches() {
    var succeeded = true
    for (index, branch) in planned.branches.enumerated()
    where branch.plan.role == .calledByCaller {
      if random.chance(10) {
        succeeded = false
        continue
      }
      world.network.ledgers[planned.index][index].wasCalledByCaller = true
      let done = world.network.act(
        branch.plan.phaseOneAction, branch, planned.index, index)
      succeeded = succeeded && done
    }
    world.clock.after(random.number(0...30)) { [self] in
      if succeeded { act() } else { ask(.rollback) { _ in self.scriptEnds() } }
    }
  }

  private func act() {
    switch planned.script {
    case .execute, .abandon:
      scriptEnds()
    case .commit:
      let goal = random.pick([Waiter.Goal.end, .end, .decision, .accepted])
      ask(.commit(goal)) { _ in self.scriptEnds() }
    case .startThenCommit:
      ask(.start) { _ in
        self.world.clock.after(self.random.number(0...2_000)) {
          self.ask(.commit(.end)) { _ in self.scriptEnds() }
        }
      }
    case .startThenRollback:
      ask(.start) { _ in
        self.world.clock.after(self.random.number(0...500)) {
          self.ask(.rollback) { _ in self.scriptEnds() }
        }
      }
    case .commitDuringStart:
      ask(.start) { _ in }
      world.clock.after(random.number(0...60)) {
        self.ask(.commit(.end)) { _ in self.scriptEnds() }
      }
    case .rollback:
      ask(.rollback) { _ in self.scriptEnds() }
    case .rollbackDuringCommit:
      ask(.commit(.end)) { _ in self.scriptEnds() }
      world.clock.after(random.number(0...60)) { self.ask(.rollback) { _ in } }
    case .abandonPrepared:
      ask(.start) { _ in self.scriptEnds() }
    }
  }

  private func scriptEnds() {
    guard !scriptIsOver else { return }
    scriptIsOver = true
    if world.checker.isAbsent(planned.index) {
      isFinished = true
    } else if world.checker.hasEnded(planned.index) {
      audit()
    }
  }

  /// The store holds the end.
  func ended() {
    world.clock.after(random.number(0...200)) { self.audit() }
  }

  // MARK: After the end

  /// Says the same again, long after: the answers must be the same.
  private func audit() {
    guard scriptIsOver, !isAuditing, world.checker.hasEnded(planned.index) else { return }
    isAuditing = true
    var repeats: [Ask] = [.get]
    switch planned.script {
    case .execute: repeats += [.execute(.end), .execute(.decision)]
    case .commit, .startThenCommit, .commitDuringStart, .abandonPrepared:
      repeats += [.begin, .commit(.end), .commit(.end)]
    case .rollback, .startThenRollback, .abandon: repeats += [.begin, .rollback, .rollback]
    case .rollbackDuringCommit: repeats += [.commit(.end), .rollback]
    }
    if planned.script != .execute, random.chance(20), world.checker.registeredAll(planned.index) {
      repeats.append(.register(Array(planned.branches.indices)))
    }
    askAll(repeats[...])
  }

  private func askAll(_ asks: ArraySlice<Ask>) {
    guard let first = asks.first else {
      isFinished = true
      return
    }
    ask(first) { _ in self.askAll(asks.dropFirst()) }
  }

  // MARK: Asking

  private func ask(_ request: Ask, tries: Int = 0, then: @escaping (Heard) -> Void) {
    var isOver = false
    let end: (Heard?) -> Void = { [self] heard in
      guard !isOver else { return }
      isOver = true
      if let heard {
        world.checker.heard(heard, to: request, of: planned.index)
        return then(heard)
      }
      let isEnough = tries >= (isAuditing ? 1_000 : 15)
      if isEnough, world.isCalm || random.chance(50) { return then(.gaveUp) }
      world.clock.after(random.number(30...1_500)) {
        self.ask(request, tries: tries + 1, then: then)
      }
    }
    world.trace("\(planned.id): \(request)?")
    world.checker.asks(request, of: planned.index)
    if !world.isCalm, random.chance(world.scenario.weather.impatience) {
      world.clock.after(random.number(1...1_000)) {
        if !isOver { self.world.histories.note(.impatience) }
        end(nil)
      }
    }
    guard let life = world.current else { return end(nil) }
    send(request, to: life) { answer in
      switch answer {
      case .error(.unavailable), .error(.overloaded): end(nil)
      case .view, .registered, .error, .gaveUp: end(answer)
      }
    } lost: {
      self.world.clock.after(self.random.number(1...20)) { end(nil) }
    }
  }

  private func send(
    _ request: Ask, to life: Life, answer: @escaping (Heard) -> Void,
    lost: @escaping () -> Void
  ) {
    let id = planned.id
    let now = world.clock.now
    let viewed: (RequestOutcome) -> Void = { outcome in
      switch outcome {
      case .success(let view): answer(.view(view))
      case .failure(let error): answer(.error(error))
      }
    }
    switch request {
    case .begin:
      let new = planned.new(at: now)
      life.ask({ $0.begin(new, reply: $1) }, answer: viewed, lost: lost)
    case .register(let indexes):
      let records = indexes.map { planned.branches[$0].record }
      life.ask({ $0.register(id: id, branches: records, reply: $1) }) {
        (outcome: Result<Int, RequestError>) in
        switch outcome {
        case .success: answer(.registered)
        case .failure(let error): answer(.error(error))
        }
      } lost: {
        lost()
      }
    case .execute(let goal):
      let new = planned.new(at: now)
      let definitions = planned.branches.map(\.definition)
      life.ask(
        { $0.execute(new, definitions: definitions, goal: goal, reply: $1) }, answer: viewed,
        lost: lost)
    case .start:
      life.ask(
        { $0.request(.start, id: id, goal: .prepared, reply: $1) }, answer: viewed, lost: lost)
    case .commit(let goal):
      life.ask(
        { $0.request(.commit, id: id, goal: goal, reply: $1) }, answer: viewed, lost: lost)
    case .rollback:
      life.ask(
        { $0.request(.rollback(text: "changed my mind"), id: id, goal: .end, reply: $1) },
        answer: viewed, lost: lost)
    case .get:
      life.ask({ $0.get(id: id, reply: $1) }, answer: viewed, lost: lost)
    }
  }
}
