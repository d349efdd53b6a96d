import Mode
import Store

/// A transaction that this shard drives, with what the rules need not know.
final class LiveTransaction {
  /// An event that waits until the write under way is answered.
  struct Pending {
    var event: Transaction.Event
    /// The caller's words for a rollback.
    var text = ""
    var report: CallReport?
    /// Told what became of a request.
    var reply: ((LiveTransaction, EventOutcome) -> Void)?
  }

  /// What became of an event that somebody asked for.
  enum EventOutcome {
    /// It counts, durably.
    case accepted
    case illegal(IllegalEvent)
    /// Nothing is known: the transaction is not driven here any more, or the database does not
    /// answer.
    case dropped(RequestError)
  }

  /// A write under way, and what it makes of the transaction.
  final class Writing {
    let next: Transaction
    let step: Transaction.Step
    let write: Write
    /// The transaction leaves memory once this is durable.
    var parks: Bool
    /// The event that led to it; none for parking.
    var event: Pending?
    /// How often the store could not answer it.
    var failures = 0

    init(
      next: Transaction, step: Transaction.Step, write: Write, parks: Bool = false,
      event: Pending? = nil
    ) {
      self.next = next
      self.step = step
      self.write = write
      self.parks = parks
      self.event = event
    }
  }

  /// What is kept of a branch for those who ask.
  struct KeptOutcome {
    var reply: [UInt8]?
    var replyOmitted = false
    var error = ""
  }

  let id: String
  let generation: UInt64
  let contentHash: [UInt8]
  let createdAt: Instant
  let owner: Int64
  let fence: Int64
  let definitions: [BranchDefinition]
  /// The rows of the branches.
  let branches: [BranchRecord]
  /// Who is told the end; nil: nobody.
  let completion: [UInt8]?
  /// Its shard drives it; false before it is durable, and for good once it has left memory.
  var isLive = false
  /// As it is durable, but for what need not be.
  var machine: Transaction
  /// Commit or Start was accepted: a rollback then is an answer to it, not its refusal.
  var intent: Transaction.Intent?
  var kept: [KeptOutcome]
  /// Bytes of the replies that are kept.
  var replyBytes = 0
  var reasonText = ""
  var attentionText = ""
  /// The end as it was written, or is being written.
  var endedAt: Instant?

  var writing: Writing?
  var pending: [Pending] = []
  var waiters: [Waiter] = []
  var notes: [AttemptNote] = []

  // The heap's own.
  var due = Instant(milliseconds: 0)
  var heapIndex = -1

  init(
    id: String, generation: UInt64, contentHash: [UInt8], createdAt: Instant, owner: Int64,
    fence: Int64, definitions: [BranchDefinition], branches: [BranchRecord],
    completion: [UInt8]?, machine: Transaction
  ) {
    self.id = id
    self.generation = generation
    self.contentHash = contentHash
    self.createdAt = createdAt
    self.owner = owner
    self.fence = fence
    self.definitions = definitions
    self.branches = branches
    self.completion = completion
    self.machine = machine
    self.kept = Array(repeating: KeptOutcome(), count: definitions.count)
    if case .executing(let intent) = machine.state { self.intent = intent }
  }

  /// Takes over what the store remembers of replies and words.
  func restore(from stored: StoredTransaction) {
    intent = stored.intent
    reasonText = stored.point.reason?.text ?? ""
    attentionText = stored.point.attention?.text ?? ""
    for (index, outcome) in stored.point.outcomes.enumerated() where index < kept.count {
      kept[index] = KeptOutcome(
        reply: outcome.reply, replyOmitted: outcome.replyOmitted, error: outcome.error)
      replyBytes += outcome.reply?.count ?? 0
    }
  }

  /// What a point says of the transaction in the state `machine`.
  func pointRecord(
    of machine: Transaction, endedAt: Instant? = nil, due: Instant? = nil
  ) -> PointRecord {
    PointRecord(
      state: machine.state,
      reason: machine.reason.map {
        ReasonRecord(cause: $0.cause, branch: $0.branch, text: reasonText)
      },
      attention: machine.attention.map {
        AttentionRecord(cause: $0.cause, branch: $0.branch, text: attentionText)
      },
      paused: machine.paused, due: due, endedAt: endedAt,
      outcomes: outcomes(of: machine.progress))
  }

  /// A point that says nothing of the branches: what was accepted, phase one being ahead.
  func acceptedRecord(of machine: Transaction) -> PointRecord {
    PointRecord(state: machine.state, paused: machine.paused)
  }

  private func outcomes(of progress: [BranchProgress]) -> [OutcomeRecord] {
    var outcomes: [OutcomeRecord] = []
    outcomes.reserveCapacity(progress.count)
    for (progress, kept) in zip(progress, kept) {
      let memory = progress.remembered
      var nextAt: Instant?
      if case .waiting(let until) = progress.activity { nextAt = until }
      outcomes.append(
        OutcomeRecord(
          phaseOne: memory.phaseOne, phaseTwo: memory.phaseTwo, attempts: memory.attempts,
          landsUntil: memory.landsUntil, nextAt: nextAt, reply: kept.reply,
          replyOmitted: kept.replyOmitted, error: kept.error))
    }
    return outcomes
  }

  /// What a branch replied to its phase one, as far as it is kept.
  func reply(of branch: String) -> Passing.Reply {
    guard let index = definitions.firstIndex(where: { $0.id == branch }),
      machine.progress[index].phaseOne == .done
    else { return .unknown }
    return kept[index].replyOmitted ? .omitted : .kept(kept[index].reply ?? [])
  }

  /// The transaction for those who ask.
  var view: TransactionView {
    var record = pointRecord(of: machine, endedAt: machine.state.hasEnded ? endedAt : nil)
    var calling: [Int] = []
    for index in machine.progress.indices {
      record.outcomes[index].phaseOne = machine.progress[index].phaseOne
      if case .calling = machine.progress[index].activity { calling.append(index) }
    }
    return TransactionView(
      stored: StoredTransaction(
        id: id, contentHash: contentHash, deadline: machine.deadline, createdAt: createdAt,
        owner: owner, fence: fence, point: record, branches: branches,
        branchCount: branches.count, intent: intent,
        completion: completion.map { CompletionRecord(definition: $0, due: record.endedAt) }),
      calling: calling)
  }
}

/// A transaction as those who ask see it.
struct TransactionView: Equatable, Sendable {
  var stored: StoredTransaction
  /// Branches with a call under way.
  var calling: [Int]
  /// What keeps calls from their participants, by branch; only where somebody looks.
  var holds: [Int: String] = [:]
}

/// Someone who waits for a transaction to get somewhere.
struct Waiter {
  /// What is waited for, and by whom.
  struct Goal: Equatable, Sendable {
    private enum Place { case accepted, prepared, decision, end }
    private var place: Place
    /// Who may leave before it is reached; nil: waits to the end.
    private var asker: Asker?

    /// The request is durable.
    static let accepted = Goal(place: .accepted)
    /// Phase one is done, or the transaction is decided.
    static let prepared = Goal(place: .prepared)
    static let decision = Goal(place: .decision)
    static let end = Goal(place: .end)

    /// The same, wanted for as long as `asker` stays.
    func asked(by asker: Asker) -> Goal { Goal(place: place, asker: asker) }

    fileprivate func isReached(by machine: Transaction) -> Bool {
      if let asker, asker.hasLeft { return true }
      return switch place {
      case .accepted: true
      case .prepared: machine.state == .prepared || machine.state.isDecided
      case .decision: machine.state.isDecided
      case .end: machine.state.hasEnded
      }
    }

    static func == (left: Goal, right: Goal) -> Bool {
      left.place == right.place && left.asker === right.asker
    }
  }
  var goal: Goal
  var reply: (RequestOutcome) -> Void

  func isSatisfied(by machine: Transaction) -> Bool { goal.isReached(by: machine) }
}

/// Someone who asked, and may have left since.
///
/// Sendable because the shard's thread is the only one that touches it.
final class Asker: @unchecked Sendable {
  fileprivate(set) var hasLeft = false
}

extension Shard {
  /// Somebody has stopped waiting: nothing is kept for them, and a transaction that nobody waits
  /// for may leave memory.
  func leave(_ id: String, _ asker: Asker) {
    asker.hasLeft = true
    guard let transaction = live[id] else { return }
    settle(transaction)
    rearm()
  }
}

/// What a request came to.
typealias RequestOutcome = Result<TransactionView, RequestError>

/// Why a request was not done.
enum RequestError: Error, Equatable {
  /// There is no such transaction.
  case notFound
  /// The same id with other content.
  case alreadyExists(TransactionView)
  /// The state does not take the request.
  case wrongState(TransactionView)
  /// A branch of that id is registered with other content.
  case branchConflict(branch: String)
  /// More branches than a transaction may have; how many it would have.
  case tooManyBranches(count: Int)
  /// More bytes of branches than a transaction may have; how many it would have.
  case branchesTooLarge(bytes: Int)
  /// A branch that must succeed stands at or below the level of one that can be undone.
  case plan(PlanError, branch: String)
  /// Too much is under way.
  case overloaded
  /// The outcome is not known: ask again with the same id.
  case unavailable(String)
}
