extension Transaction {
  /// The direction that is decided once and never reversed (rule 1).
  package enum Decision: Equatable, Sendable {
    case commit
    case rollback
  }
}

extension Transaction.State {
  /// COMMITTED or ROLLED_BACK.
  package var hasEnded: Bool {
    switch self {
    case .committed, .rolledBack: true
    case .active, .executing, .prepared, .committing, .rollingBack: false
    }
  }

  /// What was decided; nil while nothing is.
  package var decision: Transaction.Decision? {
    switch self {
    case .active, .executing, .prepared: nil
    case .committing, .committed: .commit
    case .rollingBack, .rolledBack: .rollback
    }
  }

  /// The decision is made.
  package var isDecided: Bool { decision != nil }
}

extension Transaction {
  /// When something is due next; nil while only replies can move the transaction.
  package var nextDue: Instant? {
    if state.hasEnded { return nil }
    var due: Instant? = state.isDecided ? nil : deadline
    if paused { return due }
    for index in progress.indices {
      if case .waiting(let until) = progress[index].activity {
        due = min(due ?? until, until)
      }
    }
    return due
  }

  /// No call is under way.
  package var isQuiet: Bool {
    progress.allSatisfy { progress in
      if case .calling = progress.activity { false } else { true }
    }
  }
}
