import Mode
import Store

@testable import Coordinator

/// Holds a history against what must be true, step by step and at its end.
final class Checker {
  /// What is remembered of one transaction.
  struct Memory {
    var state: Transaction.State?
    /// Of the row, when Commit, Start or Rollback was accepted.
    var acceptedFence: Int64?
    var crashedBetweenLevels = false
    /// What the row said of the branches when it became ROLLING_BACK.
    var phaseOneAtDecision: [BranchProgress.PhaseOne] = []
    var begunIsAcknowledged = false
    var acknowledgedBranches: Set<Int> = []
    var answers: [String: String] = [:]
    /// A caller was told so.
    var toldToCommit: Bool?
    var heardEnd: String?
  }

  unowned let world: World
  var memories: [Memory]
  private(set) var violation: String?

  init(world: World) {
    self.world = world
    memories = world.scenario.transactions.map { _ in Memory() }
  }

  func fail(_ text: String) {
    guard violation == nil else { return }
    violation = text
    world.trace("BROKEN: \(text)")
  }

  // MARK: The rows

  func rowMayHaveChanged(_ id: String, by life: Life) {
    guard let index = world.scenario.transactions.firstIndex(where: { $0.id == id }) else { return }
    rowMayHaveChanged(index)
  }

  func rowsMayHaveChanged(by life: Life) {
    for index in memories.indices { rowMayHaveChanged(index) }
  }

  private func rowMayHaveChanged(_ index: Int) {
    guard let row = world.row(world.scenario.transactions[index].id) else { return }
    let old = memories[index].state
    let new = row.point.state
    guard old != new else { return }
    memories[index].state = new
    world.trace("  \(row.id) is \(new)")
    if let old, !old.leads(to: new) { fail("\(row.id) went from \(old) to \(new)") }
    if old == nil || old == .active, new != .active { memories[index].acceptedFence = row.fence }
    if new == .rollingBack {
      memories[index].phaseOneAtDecision = row.point.outcomes.map(\.phaseOne)
    }
    if old == .executing(.start), new == .executing(.commit) {
      world.histories.note(.commitDuringStart)
    }
    world.crashes.saw(new)
    if new.hasEnded { world.callers[index].ended() }
  }

  func isAbsent(_ index: Int) -> Bool { memories[index].state == nil }
  func hasEnded(_ index: Int) -> Bool { memories[index].state?.hasEnded ?? false }
  var allHaveEnded: Bool { memories.allSatisfy { $0.state?.hasEnded ?? true } }

  func registeredAll(_ index: Int) -> Bool {
    memories[index].acknowledgedBranches.count
      == world.scenario.transactions[index].branches.count
  }

  /// What a crash interrupts.
  func noteCrash() {
    for index in memories.indices {
      switch memories[index].state {
      case .prepared: world.histories.note(.crashAfterPrepared)
      case .committing: world.histories.note(.crashWhileCommitting)
      case .rollingBack: world.histories.note(.crashWhileRollingBack)
      case .executing:
        world.histories.note(.crashWhileExecuting)
        if isBetweenLevels(index) { memories[index].crashedBetweenLevels = true }
      case .active, .committed, .rolledBack, nil: break
      }
    }
  }

  /// A participant's refusal of phase one is about to be heard.
  func refused(of index: Int) {
    if case .executing = memories[index].state, memories[index].crashedBetweenLevels {
      world.histories.note(.crashBetweenLevelsThenRefusal)
    }
  }

  /// A participant's success was heard.
  func replied(of index: Int) {
    if case .executing = memories[index].state, isBetweenLevels(index) {
      world.crashes.sawALevelDone()
    }
  }

  /// A whole level is done, and another one is not.
  private func isBetweenLevels(_ index: Int) -> Bool {
    let ledgers = world.network.ledgers[index]
    var done: [UInt32: Bool] = [:]
    for (branch, planned) in world.scenario.transactions[index].branches.enumerated()
    where planned.plan.role == .ordinary {
      let isDone = ledgers[branch].phaseOne == .done
      done[planned.plan.level] = (done[planned.plan.level] ?? true) && isDone
    }
    return done.values.contains(true) && done.values.contains(false)
  }

  // MARK: The callers

  func asks(_ request: Caller.Ask, of index: Int) {}

  func heard(_ heard: Caller.Heard, to request: Caller.Ask, of index: Int) {
    let id = world.scenario.transactions[index].id
    switch heard {
    case .view(let view):
      world.trace("\(id): \(request) → \(view.stored.point.state)")
      if case .begin = request { memories[index].begunIsAcknowledged = true }
      note(view, index)
      compare("success", request, index)
    case .registered:
      world.trace("\(id): \(request) → registered")
      if case .register(let branches) = request {
        memories[index].acknowledgedBranches.formUnion(branches)
      }
    case .error(let error):
      world.trace("\(id): \(request) → \(error.brief)")
      judge(error, to: request, index)
    case .gaveUp:
      world.trace("\(id): \(request) → gives up")
    }
  }

  private func judge(_ error: RequestError, to request: Caller.Ask, _ index: Int) {
    let id = world.scenario.transactions[index].id
    switch error {
    case .notFound:
      if memories[index].state != nil { fail("\(id) exists, and \(request) does not find it") }
    case .wrongState(let view):
      world.histories.note(.contradiction)
      note(view, index)
      compare("wrong state", request, index)
      let state = view.stored.point.state
      switch request {
      case .commit where state != .rollingBack && state != .rolledBack,
        .rollback where state != .committing && state != .committed:
        fail("\(id): \(request) is refused in \(state)")
      case .begin, .execute, .get: fail("\(id): \(request) is refused in \(state)")
      case .commit, .rollback, .start, .register: break
      }
    case .alreadyExists, .branchConflict, .tooManyBranches, .branchesTooLarge, .plan:
      fail("\(id): \(request) is answered by \(error.brief)")
    case .overloaded, .unavailable: break
    }
  }

  /// What a caller was shown must be true, and stay true.
  private func note(_ view: TransactionView, _ index: Int) {
    let id = world.scenario.transactions[index].id
    guard let decision = view.stored.point.state.decision else { return }
    let commits = decision == .commit
    if let told = memories[index].toldToCommit, told != commits {
      fail("\(id): callers were told both ends")
    }
    memories[index].toldToCommit = commits
    guard view.stored.point.state.hasEnded else { return }
    if memories[index].state != view.stored.point.state {
      fail("\(id): a caller was told of an end that is not durable")
    }
    let point = view.stored.point
    let end = "\(point.state) \(String(describing: point.reason)) \(point.outcomes.map(\.reply))"
    if let heard = memories[index].heardEnd, heard != end {
      fail("\(id): a repeat got another end: \(heard), then \(end)")
    }
    memories[index].heardEnd = end
  }

  /// The same request after the end gets the same kind of answer.
  private func compare(_ kind: String, _ request: Caller.Ask, _ index: Int) {
    let verb: String
    switch request {
    case .commit(.end), .execute(.end): verb = "commit"
    case .rollback: verb = "rollback"
    case .begin, .register, .execute, .start, .commit, .get: return
    }
    if let known = memories[index].answers[verb], known != kind {
      fail(
        "\(world.scenario.transactions[index].id): \(verb) was answered by \(known), "
          + "then by \(kind)")
    }
    memories[index].answers[verb] = kind
  }
}

extension Transaction.State {
  /// The diagram of docs/design.md, "States".
  func leads(to next: Transaction.State) -> Bool {
    switch (self, next) {
    case (.committed, _), (.rolledBack, _): false
    case (.committing, .committed), (.rollingBack, .rolledBack): true
    case (.committing, _), (.rollingBack, _): false
    case (.executing(.commit), .executing(.start)), (.executing(.commit), .prepared): false
    case (.prepared, .executing), (.prepared, .active), (.executing, .active): false
    case (.active, _), (.executing, _), (.prepared, _): true
    }
  }
}

extension RequestError {
  var brief: String {
    switch self {
    case .alreadyExists(let view): "already exists, \(view.stored.point.state)"
    case .wrongState(let view): "wrong state, \(view.stored.point.state)"
    default: "\(self)"
    }
  }
}
