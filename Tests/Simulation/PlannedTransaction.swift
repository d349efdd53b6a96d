import Mode
import Store
import Support

@testable import Coordinator

/// A transaction that will be begun, and what its caller will do.
struct PlannedTransaction {
  enum Script: CaseIterable {
    case execute
    case commit
    case startThenCommit
    case startThenRollback
    /// Commit while the Start executes.
    case commitDuringStart
    case rollback
    case rollbackDuringCommit
    /// Begun, and forgotten.
    case abandon
    /// Started, and forgotten.
    case abandonPrepared
  }

  let index: Int
  let id: String
  let contentHash: [UInt8]
  let script: Script
  let beginsAt: Int64
  /// Time to its decision.
  let allowance: Int64
  let branches: [PlannedBranch]

  init(index: Int, using random: inout SeededGenerator) {
    self.index = index
    id = "order-\(index)"
    contentHash = [UInt8(index), 7]
    script = random.chance(25) ? .execute : random.pick(Script.allCases)
    beginsAt = random.number(0...1_500)
    allowance = random.pick([1_500, 4_000, 10_000, 20_000, 30_000])
    let count = random.pick([0, 1, 1, 2, 2, 2, 3, 3, 4, 5])
    let levels = UInt32(random.pick([1, 1, 2, 3]))
    let flavour = random.below(4)
    let mayCall = script != .execute && random.chance(25)
    var plans: [PlannedBranch] = []
    for branch in 0..<count {
      let isTCC = flavour == 0 || (flavour > 1 && random.chance(50))
      let level = 1 + UInt32(random.below(Int(levels)))
      let role: BranchPlan.Role = mayCall && random.chance(40) ? .calledByCaller : .ordinary
      let sources = plans.indices.filter {
        plans[$0].plan.role == .ordinary && plans[$0].plan.level < level
      }
      let takes = role == .ordinary && !sources.isEmpty && random.chance(30)
      plans.append(
        PlannedBranch(
          transaction: index, index: branch, mode: isTCC ? .tcc : .saga, level: level,
          role: role, takesFrom: takes ? random.pick(sources) : nil, using: &random))
    }
    if random.chance(20) {
      for extra in 0..<(1 + random.below(2)) {
        plans.append(
          PlannedBranch(
            transaction: index, index: count + extra, mode: .saga,
            level: levels + 1 + UInt32(random.below(2)), role: .mustSucceed, using: &random))
      }
    }
    branches = plans
  }

  /// Several levels of one branch each, the highest of which is refused.
  init(refusedAbove levels: Int, using random: inout SeededGenerator) {
    index = 0
    id = "order-0"
    contentHash = [0, 7]
    script = random.pick([.execute, .commit, .startThenCommit, .commitDuringStart])
    beginsAt = random.number(0...1_500)
    allowance = 30_000
    branches = (0...levels).map { branch in
      PlannedBranch(
        transaction: 0, index: branch, mode: random.chance(50) ? .tcc : .saga,
        level: UInt32(branch), role: .ordinary, refuses: branch == levels, using: &random)
    }
  }

  func new(at now: Int64) -> NewTransaction {
    NewTransaction(
      id: id, contentHash: contentHash, deadline: Instant(milliseconds: now + allowance),
      createdAt: Instant(milliseconds: now), owner: nil, point: PointRecord(state: .active),
      branches: script == .execute ? branches.map(\.record) : [])
  }
}

/// A branch, and how its participant behaves.
struct PlannedBranch {
  let record: BranchRecord
  let definition: BranchDefinition
  /// Phase one is refused, always with the same answer.
  let refuses: Bool
  /// A repeated phase one that has succeeded is refused ("already exists"), against the contract:
  /// an unknown attempt before the
  /// refusal is what tells the coordinator.
  let refusesRepeats: Bool
  /// Phase two is refused so often before it succeeds.
  let phaseTwoRefusals: Int
  /// Asked for with answers that say "not yet".
  let pushback: Int64?
  let server: Int
  let language: Wire.Language
  /// The branch whose reply its calls carry.
  let takesFrom: Int?
  /// Its undo carries, in field 2, what its own phase one replied.
  let undoTakesOwn: Bool

  var plan: BranchPlan { definition.plan }

  init(
    transaction: Int, index: Int, mode: BranchMode, level: UInt32, role: BranchPlan.Role,
    refuses: Bool? = nil, takesFrom: Int? = nil, using random: inout SeededGenerator
  ) {
    let attemptsMax = UInt32(random.pick([1, 2, 3, 5]))
    let first = Span.milliseconds(random.pick([20, 100, 500]))
    let factor: Double = random.pick([1, 2])
    let retry = RetryPolicy(
      attemptsMax: attemptsMax,
      phaseOne: RetryPolicy.Backoff(
        first: first, factor: factor, max: .milliseconds(random.pick([500, 2_000]))),
      phaseTwo: RetryPolicy.Backoff(
        first: first, factor: factor, max: .milliseconds(random.pick([1_000, 5_000]))),
      attemptTimeout: .milliseconds(random.pick([300, 1_000, 3_000])),
      attentionAfter: UInt32(random.pick([2, 10])))
    undoTakesOwn = role == .ordinary && random.chance(30)
    let plan = BranchPlan(
      mode: mode, level: level, role: role, retry: retry, usesReplies: takesFrom != nil,
      undoUsesOwnReply: undoTakesOwn)
    let record = BranchRecord(
      id: "b\(index)", level: level, mode: mode, role: role, target: "sim",
      definition: [UInt8(transaction), UInt8(index)])
    let language = random.pick(Wire.Language.allCases)
    var phaseOne = CallDefinition(to: language)
    var copies = takesFrom.map {
      [FieldCopy(from: "b\($0)", fromPath: [1], toPath: [1], orPayload: false)]
    }
    phaseOne.passing = copies.map { .copies($0) }
    self.takesFrom = takesFrom
    var phaseTwo = phaseOne
    if random.chance(15) { phaseTwo.alsoDoneOn = [Wire.alsoDone(language)] }
    var undo = phaseTwo
    if undoTakesOwn {
      copies =
        (copies ?? []) + [
          FieldCopy(from: "b\(index)", fromPath: [1], toPath: [2], orPayload: true)
        ]
      undo.passing = copies.map { .copies($0) }
    }
    self.record = record
    self.language = language
    definition = BranchDefinition(
      record: record, plan: plan, phaseOne: role == .calledByCaller ? nil : phaseOne,
      confirm: mode == .tcc ? phaseTwo : nil, undo: role == .mustSucceed ? nil : undo)
    let mayRefuse = role == .ordinary
    self.refuses = refuses ?? (mayRefuse && random.chance(level > 1 ? 20 : 8))
    refusesRepeats = role == .ordinary && random.chance(15)
    phaseTwoRefusals = random.chance(5) ? 1 + random.below(3) : 0
    pushback = random.chance(20) ? random.number(0...3_000) : nil
    server = random.below(Weather.servers)
  }
}

extension CallDefinition {
  fileprivate init(to language: Wire.Language) {
    let target: Target =
      switch language {
      case .grpc: .grpc(address: "sim:1", method: "/sim/Do")
      case .http: .http(method: "POST", url: "http://sim/do")
      }
    self.init(target: target, payload: [], metadata: [], alsoDoneOn: [])
  }
}
