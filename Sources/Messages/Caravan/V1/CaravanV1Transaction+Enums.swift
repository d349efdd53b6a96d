import ProtoWire

extension CaravanV1 {
  /// Where a transaction stands. COMMITTED and ROLLED_BACK never change.
  package enum State: WireEnum {
    /// Not set; never sent by the coordinator.
    case unspecified
    /// Begun. Branches may be registered; nothing has been called.
    case active
    /// Phase one runs: tries and actions are being called, level by level.
    case executing
    /// Phase one succeeded after Start; the transaction waits for Commit, Rollback or its deadline.
    case prepared
    /// The decision is commit; confirms (and branches that must succeed) are being called.
    case committing
    /// The decision is rollback; cancels and compensations are being called.
    case rollingBack
    /// Ended: every branch took effect.
    case committed
    /// Ended: no branch has an effect that lasts.
    case rolledBack
    /// A value that this version does not know.
    case unrecognized(Int32)

    package init(rawValue: Int32) {
      switch rawValue {
      case 0: self = .unspecified
      case 1: self = .active
      case 2: self = .executing
      case 3: self = .prepared
      case 4: self = .committing
      case 5: self = .rollingBack
      case 6: self = .committed
      case 7: self = .rolledBack
      default: self = .unrecognized(rawValue)
      }
    }

    package var rawValue: Int32 {
      switch self {
      case .unspecified: 0
      case .active: 1
      case .executing: 2
      case .prepared: 3
      case .committing: 4
      case .rollingBack: 5
      case .committed: 6
      case .rolledBack: 7
      case .unrecognized(let rawValue): rawValue
      }
    }
  }

  /// How a branch takes part.
  package enum BranchMode: WireEnum {
    /// Not set: refused at registration.
    case unspecified
    /// Try reserves, then Confirm makes it last or Cancel gives it back.
    case tcc
    /// Action takes effect at once; Compensation takes it back.
    case saga
    /// A value that this version does not know.
    case unrecognized(Int32)

    package init(rawValue: Int32) {
      switch rawValue {
      case 0: self = .unspecified
      case 1: self = .tcc
      case 2: self = .saga
      default: self = .unrecognized(rawValue)
      }
    }

    package var rawValue: Int32 {
      switch self {
      case .unspecified: 0
      case .tcc: 1
      case .saga: 2
      case .unrecognized(let rawValue): rawValue
      }
    }
  }

  /// One of the calls that a participant serves.
  package enum Action: WireEnum {
    /// Not set; never sent by the coordinator.
    case unspecified
    /// Phase one of a TCC branch.
    case `try`
    /// Phase two of a TCC branch after the decision to commit.
    case confirm
    /// Phase two of a TCC branch after the decision to roll back.
    case cancel
    /// Phase one of a Saga branch.
    case action
    /// Phase two of a Saga branch after the decision to roll back.
    case compensation
    /// A value that this version does not know.
    case unrecognized(Int32)

    package init(rawValue: Int32) {
      switch rawValue {
      case 0: self = .unspecified
      case 1: self = .try
      case 2: self = .confirm
      case 3: self = .cancel
      case 4: self = .action
      case 5: self = .compensation
      default: self = .unrecognized(rawValue)
      }
    }

    package var rawValue: Int32 {
      switch self {
      case .unspecified: 0
      case .try: 1
      case .confirm: 2
      case .cancel: 3
      case .action: 4
      case .compensation: 5
      case .unrecognized(let rawValue): rawValue
      }
    }
  }

  /// What is known of a branch's phase one.
  package enum PhaseOne: WireEnum {
    /// Not set; never sent by the coordinator.
    case unspecified
    /// Not attempted, or every attempt certainly never arrived.
    case untouched
    /// The participant answered that it is done.
    case done
    /// The participant refused; it guarantees that nothing happened.
    case refused
    /// It may or may not have happened.
    case unknown
    /// A value that this version does not know.
    case unrecognized(Int32)

    package init(rawValue: Int32) {
      switch rawValue {
      case 0: self = .unspecified
      case 1: self = .untouched
      case 2: self = .done
      case 3: self = .refused
      case 4: self = .unknown
      default: self = .unrecognized(rawValue)
      }
    }

    package var rawValue: Int32 {
      switch self {
      case .unspecified: 0
      case .untouched: 1
      case .done: 2
      case .refused: 3
      case .unknown: 4
      case .unrecognized(let rawValue): rawValue
      }
    }
  }

  /// Where a branch's phase two stands.
  package enum PhaseTwo: WireEnum {
    /// Not set; never sent by the coordinator.
    case unspecified
    /// Nothing to be done (yet): no decision, or the decision does not touch this branch.
    case none
    /// Its confirm, cancel or compensation is owed.
    case pending
    /// Its confirm, cancel or compensation was answered with success.
    case done
    /// An operator stated the outcome by hand.
    case stated
    /// A value that this version does not know.
    case unrecognized(Int32)

    package init(rawValue: Int32) {
      switch rawValue {
      case 0: self = .unspecified
      case 1: self = .none
      case 2: self = .pending
      case 3: self = .done
      case 4: self = .stated
      default: self = .unrecognized(rawValue)
      }
    }

    package var rawValue: Int32 {
      switch self {
      case .unspecified: 0
      case .none: 1
      case .pending: 2
      case .done: 3
      case .stated: 4
      case .unrecognized(let rawValue): rawValue
      }
    }
  }
}
