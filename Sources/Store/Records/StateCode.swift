package import Mode

/// A state as the column `state` holds it.
package enum StateCode: Int16 {
  case active = 1
  case executing = 2
  case prepared = 3
  case committing = 4
  case rollingBack = 5
  case committed = 6
  case rolledBack = 7

  package init(_ state: Transaction.State) {
    switch state {
    case .active: self = .active
    case .executing: self = .executing
    case .prepared: self = .prepared
    case .committing: self = .committing
    case .rollingBack: self = .rollingBack
    case .committed: self = .committed
    case .rolledBack: self = .rolledBack
    }
  }

  /// The state; nil for EXECUTING without an intent.
  func state(intent: Transaction.Intent?) -> Transaction.State? {
    switch self {
    case .active: .active
    case .executing: intent.map { .executing($0) }
    case .prepared: .prepared
    case .committing: .committing
    case .rollingBack: .rollingBack
    case .committed: .committed
    case .rolledBack: .rolledBack
    }
  }
}

extension Transaction.State {
  /// What EXECUTING was asked for; nil in every other state.
  package var intent: Transaction.Intent? {
    if case .executing(let intent) = self { intent } else { nil }
  }
}
