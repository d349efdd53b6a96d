import Messages
import Mode
import ProtoWire
import Store

/// From what the driver shows to what callers read.
extension CaravanV1.Transaction {
  /// Bytes of a response: what a gRPC client takes where nobody told it otherwise.
  static let responseBytesMax = 4 << 20
  /// What is kept free of it for all but the branches.
  private static let bytesBesideBranches = 16 << 10
  /// Bytes of a branch's outcome, but for its id, reply and error.
  private static let bytesBesideTexts = 80

  init(_ view: TransactionView) {
    self.init(view.stored)
    var kept = Self.bytesBesideBranches
    branches.reserveCapacity(view.stored.branches.count)
    for (index, branch) in view.stored.branches.enumerated() {
      var outcome = CaravanV1.BranchOutcome(branch)
      if index < view.stored.point.outcomes.count {
        outcome.fill(from: view.stored.point.outcomes[index])
      }
      kept += Self.bytesBesideTexts + outcome.id.utf8.count + outcome.error.utf8.count
      outcome.waitsFor = view.holds[index] ?? ""
      kept += outcome.waitsFor.utf8.count
      branches.append(outcome)
    }
    for index in view.calling where index < branches.count {
      branches[index].calling = true
      branches[index].nextAttemptAt = nil
    }
    completion = view.stored.completion.map(CaravanV1.CompletionOutcome.init)
    omitReplies(besides: kept)
  }

  /// The transaction without its branches, as List shows it.
  init(_ stored: StoredTransaction) {
    self.init()
    id = stored.id
    state = CaravanV1.State(stored.point.state)
    reason = stored.point.reason.map { CaravanV1.RollbackReason($0, of: stored.branches) }
    deadline = GoogleProtobuf.Timestamp(stored.deadline)
    createdAt = GoogleProtobuf.Timestamp(stored.createdAt)
    endedAt = stored.point.endedAt.map(GoogleProtobuf.Timestamp.init)
    needsAttention = stored.point.attention?.text ?? ""
    paused = stored.point.paused
    branchCount = UInt32(stored.branchCount)
    owner = UInt64(stored.owner ?? 0)
    fence = UInt64(stored.fence)
  }

  /// Leaves out the replies that do not fit into a response, and shortens errors where even that is
  /// not enough.
  private mutating func omitReplies(besides others: Int) {
    var kept = others
    for index in branches.indices {
      kept += branches[index].reply.count
      if kept > Self.responseBytesMax {
        kept -= branches[index].reply.count
        branches[index].replyOmitted =
          branches[index].replyOmitted || !branches[index].reply.isEmpty
        branches[index].reply = []
      }
    }
    guard kept > Self.responseBytesMax else { return }
    let ids = branches.reduce(0) { $0 + $1.id.utf8.count + Self.bytesBesideTexts }
    let room = Self.responseBytesMax - Self.bytesBesideBranches - ids
    let each = max(room / max(branches.count, 1), 0)
    for index in branches.indices {
      branches[index].error = branches[index].error.cut(toBytes: each)
    }
  }
}

extension CaravanV1.BranchOutcome {
  /// A branch of which nothing is known but that it is registered.
  init(_ branch: BranchRecord) {
    self.init()
    id = branch.id
    level = branch.level
    mode = branch.mode == .tcc ? .tcc : .saga
    phaseOne = .untouched
    phaseTwo = .none
  }

  mutating func fill(from outcome: OutcomeRecord) {
    phaseOne =
      switch outcome.phaseOne {
      case .untouched: .untouched
      case .done: .done
      case .refused: .refused
      case .unknown: .unknown
      }
    phaseTwo =
      switch outcome.phaseTwo {
      case .none: .none
      case .pending: .pending
      case .done: .done
      case .stated: .stated
      }
    attempts = outcome.attempts
    reply = outcome.reply ?? []
    replyOmitted = outcome.replyOmitted
    error = outcome.error
    nextAttemptAt = outcome.nextAt.map(GoogleProtobuf.Timestamp.init)
  }
}

extension CaravanV1.CompletionOutcome {
  init(_ record: CompletionRecord) {
    self.init()
    deliveredAt = record.takenAt.map(GoogleProtobuf.Timestamp.init)
    attempts = record.attempts
    nextAttemptAt = record.due.map(GoogleProtobuf.Timestamp.init)
    error = record.error
  }
}

extension CaravanV1.RollbackReason {
  init(_ reason: ReasonRecord, of branches: [BranchRecord]) {
    self.init()
    cause =
      switch reason.cause {
      case .requested: .requested
      case .refused: .refused
      case .exhausted: .exhausted
      case .deadline: .deadline
      }
    if let index = reason.branch, index < branches.count { branch = branches[index].id }
    text = reason.text
  }
}

extension CaravanV1.State {
  init(_ state: Transaction.State) {
    self =
      switch state {
      case .active: .active
      case .executing: .executing
      case .prepared: .prepared
      case .committing: .committing
      case .rollingBack: .rollingBack
      case .committed: .committed
      case .rolledBack: .rolledBack
      }
  }

  /// The states that callers may ask for; EXECUTING stands for either intent.
  var known: Transaction.State? {
    switch self {
    case .active: .active
    case .executing: .executing(.commit)
    case .prepared: .prepared
    case .committing: .committing
    case .rollingBack: .rollingBack
    case .committed: .committed
    case .rolledBack: .rolledBack
    case .unspecified, .unrecognized: nil
    }
  }
}

extension Transaction.State {
  /// The name that callers know: `ROLLED_BACK`.
  var name: String {
    switch self {
    case .active: "ACTIVE"
    case .executing: "EXECUTING"
    case .prepared: "PREPARED"
    case .committing: "COMMITTING"
    case .rollingBack: "ROLLING_BACK"
    case .committed: "COMMITTED"
    case .rolledBack: "ROLLED_BACK"
    }
  }
}

extension GoogleProtobuf.Timestamp {
  init(_ instant: Instant) {
    self.init(microsecondsSinceEpoch: instant.milliseconds &* 1_000)
  }
}
