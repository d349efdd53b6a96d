import ProtoWire

extension EasyCar {
  /// How a branch takes part.
  package enum TranType: WireEnum {
    /// Not set: refused.
    case unKnow
    /// Try, confirm, cancel.
    case tcc
    /// Saga: normal, compensation.
    case sage
    /// A value that this version does not know.
    case unrecognized(Int32)

    package init(rawValue: Int32) {
      switch rawValue {
      case 0: self = .unKnow
      case 1: self = .tcc
      case 2: self = .sage
      default: self = .unrecognized(rawValue)
      }
    }

    package var rawValue: Int32 {
      switch self {
      case .unKnow: 0
      case .tcc: 1
      case .sage: 2
      case .unrecognized(let rawValue): rawValue
      }
    }
  }

  /// What an entry is in its branch.
  package enum Action: WireEnum {
    /// Not set: refused.
    case unKnowTransactionType
    /// Opens a TCC branch.
    case `try`
    /// Phase two of a TCC branch after the decision to commit.
    case confirm
    /// Phase two of a TCC branch after the decision to roll back.
    case cancel
    /// Opens a Saga branch.
    case normal
    /// Phase two of a Saga branch after the decision to roll back.
    case compensation
    /// A value that this version does not know.
    case unrecognized(Int32)

    package init(rawValue: Int32) {
      switch rawValue {
      case 0: self = .unKnowTransactionType
      case 1: self = .try
      case 2: self = .confirm
      case 3: self = .cancel
      case 4: self = .normal
      case 5: self = .compensation
      default: self = .unrecognized(rawValue)
      }
    }

    package var rawValue: Int32 {
      switch self {
      case .unKnowTransactionType: 0
      case .try: 1
      case .confirm: 2
      case .cancel: 3
      case .normal: 4
      case .compensation: 5
      case .unrecognized(let rawValue): rawValue
      }
    }
  }

  /// Where an entry stands.
  package enum BranchState: WireEnum {
    /// Never sent by the coordinator.
    case unKnowState
    /// Not called, or being called for the first time.
    case initial
    /// An attempt failed, and there will be others.
    case retrying
    /// Done.
    case succeed
    /// Refused, or given up without knowing whether it happened.
    case failed
    /// A value that this version does not know.
    case unrecognized(Int32)

    package init(rawValue: Int32) {
      switch rawValue {
      case 0: self = .unKnowState
      case 1: self = .initial
      case 2: self = .retrying
      case 3: self = .succeed
      case 4: self = .failed
      default: self = .unrecognized(rawValue)
      }
    }

    package var rawValue: Int32 {
      switch self {
      case .unKnowState: 0
      case .initial: 1
      case .retrying: 2
      case .succeed: 3
      case .failed: 4
      case .unrecognized(let rawValue): rawValue
      }
    }
  }

  /// Where a transaction stands.
  package enum GlobalState: WireEnum {
    /// Never sent by the coordinator.
    case globalDefault
    /// Begun.
    case initial
    /// Phase one runs.
    case phase1Processing
    /// Phase one runs, and a call of it is being repeated.
    case phase1Retrying
    /// Never sent by the coordinator: what fails in phase one rolls back in the same step.
    case phase1Failed
    /// Phase one is done; the transaction waits for Commit, Rollback or its deadline.
    case phase1Success
    /// Confirms are being called.
    case phase2Committing
    /// Cancels and compensations are being called.
    case phase2Rollbacking
    /// Confirms are being called, and an operator is asked for.
    case phase2CommitFailed
    /// Cancels and compensations are being called, and an operator is asked for.
    case phase2RollbackFailed
    /// Ended: every branch took effect.
    case committed
    /// Ended: no branch has an effect that lasts.
    case rollbacked
    /// A value that this version does not know.
    case unrecognized(Int32)

    package init(rawValue: Int32) {
      switch rawValue {
      case 0: self = .globalDefault
      case 1: self = .initial
      case 2: self = .phase1Processing
      case 3: self = .phase1Retrying
      case 4: self = .phase1Failed
      case 5: self = .phase1Success
      case 6: self = .phase2Committing
      case 7: self = .phase2Rollbacking
      case 8: self = .phase2CommitFailed
      case 9: self = .phase2RollbackFailed
      case 10: self = .committed
      case 11: self = .rollbacked
      default: self = .unrecognized(rawValue)
      }
    }

    package var rawValue: Int32 {
      switch self {
      case .globalDefault: 0
      case .initial: 1
      case .phase1Processing: 2
      case .phase1Retrying: 3
      case .phase1Failed: 4
      case .phase1Success: 5
      case .phase2Committing: 6
      case .phase2Rollbacking: 7
      case .phase2CommitFailed: 8
      case .phase2RollbackFailed: 9
      case .committed: 10
      case .rollbacked: 11
      case .unrecognized(let rawValue): rawValue
      }
    }
  }
}
