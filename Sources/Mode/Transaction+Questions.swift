extension Transaction {
  /// COMMITTED or ROLLED_BACK.
  package var hasEnded: Bool {
    switch state {
    case .committed, .rolledBack: true
    case .active, .executing, .prepared, .committing, .rollingBack: false
    }
  }

  /// The decision is made.
  package var isDecided: Bool {
    switch state {
    case .committing, .committed, .rollingBack, .rolledBack: true
    case .active, .executing, .prepared: false
    }
  }

  /// When something is due next; nil while only replies can move the transaction.
  package var nextDue: Instant? {
    if hasEnded { return nil }
    var due: Instant? = isDecided ? nil : deadline
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
