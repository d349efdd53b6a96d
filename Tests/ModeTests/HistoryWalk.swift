import Mode

/// One moment of a history: the transaction, what its store holds, and what is true at the
/// participants.
struct HistoryState: Hashable {
  /// What is true of one branch, whether the coordinator knows it or not.
  struct Truth: Hashable {
    /// An attempt of phase one was sent, and none of the replies said that it came to nothing.
    var mayHaveHappened = false
    /// A crash took the knowledge of it: who loads the row must count it as attempted.
    var isBelieved = false
    /// Until then an attempt of phase one may arrive.
    var landsUntil: Int64 = .min
    /// Phase one happened; its participant said so.
    var isDone = false
    /// Its confirm, undo, or the action that must succeed is done, or stated by an operator.
    var isSettled = false
  }

  var transaction: Transaction
  /// What a crash leaves: the transaction as of the last write.
  var row: Transaction
  var truths: [Truth]
  var now: Int64 = 0
  /// Set with the durable decision.
  var commits: Bool?

  init(_ branches: [BranchPlan], deadline: Int64) {
    transaction = Transaction(branches: branches, deadline: Instant(milliseconds: deadline))
    row = transaction
    truths = Array(repeating: Truth(), count: branches.count)
    for index in branches.indices where branches[index].role == .calledByCaller {
      truths[index].mayHaveHappened = true
    }
  }

  func hash(into hasher: inout Hasher) {
    Self.feed(transaction, &hasher)
    hasher.combine(truths)
    hasher.combine(now)
  }

  private static func feed(_ transaction: Transaction, _ hasher: inout Hasher) {
    for progress in transaction.progress {
      hasher.combine(progress.phaseOne)
      hasher.combine(progress.phaseTwo)
      hasher.combine(progress.attempts)
      if case .waiting(let until) = progress.activity { hasher.combine(until) }
    }
    hasher.combine(transaction.state.isDecided)
  }

  /// What may happen next.
  var choices: [HistoryEvent] {
    var choices: [HistoryEvent] = [.word(.start), .word(.commit), .word(.rollback), .crash]
    if transaction.state.hasEnded { return choices }
    if transaction.nextDue != nil { choices.append(.wait) }
    for index in transaction.branches.indices {
      guard case .calling = transaction.progress[index].activity else { continue }
      for end in HistoryEvent.End.allCases { choices.append(.ends(branch: index, end)) }
    }
    choices.append(.word(transaction.paused ? .resume : .pause))
    choices.append(.word(.retryNow))
    for index in transaction.branches.indices
    where transaction.progress[index].phaseTwo == .pending {
      choices.append(.word(.stated(branch: index)))
    }
    return choices
  }
}

enum HistoryEvent: Hashable {
  /// How an attempt ends.
  enum End: CaseIterable {
    case done
    case refused
    /// The participant replied that it does not know.
    case failed
    /// The connection breaks before the timeout; the attempt may land until then.
    case lost
    case timedOut
    case notSent
  }
  /// Somebody says something.
  case word(Word)
  case ends(branch: Int, End)
  /// The clock goes on to what is due next.
  case wait
  /// What was not durable is forgotten, and another life loads the row.
  case crash

  enum Word: Hashable {
    case start, commit, rollback, pause, resume, retryNow
    case stated(branch: Int)

    var event: Transaction.Event {
      switch self {
      case .start: .start
      case .commit: .commit
      case .rollback: .rollback
      case .pause: .pause
      case .resume: .resume
      case .retryNow: .retryNow
      case .stated(let branch): .stated(branch: branch)
      }
    }
  }
}

/// An invariant that a history broke.
struct BrokenInvariant: Error, CustomStringConvertible {
  var description: String
  init(_ description: String) { self.description = description }
}
