import Messages
import Mode
import ProtoWire
import Store

/// From what the driver shows to what easycar's clients read: docs/easycar.md has the table.
extension EasyCar.GetStateResp {
  /// Bytes of an entry, but for its texts.
  private static let bytesBesideTexts = 64

  init(_ view: TransactionView) {
    self.init()
    let stored = view.stored
    gId = stored.id
    state = EasyCar.GlobalState(stored)
    endTime = stored.point.endedAt.map { $0.milliseconds / 1_000 } ?? 0
    for (index, record) in stored.branches.enumerated() {
      guard let branch = try? CaravanV1.Branch(wire: record.definition) else { continue }
      branches += Branch.entries(of: branch, at: index, in: stored)
    }
    cut()
  }

  /// Leaves out what does not fit into a response: data first, then headers, errors and URIs.
  private mutating func cut() {
    let bytesMax = CaravanV1.Transaction.responseBytesMax
    var kept = 1 << 10
    for branch in branches { kept += Self.bytesBesideTexts + branch.branchId.utf8.count }
    for text in [\Branch.uri, \.lastErrMsg, \.reqHeader, \.reqData] {
      for index in branches.indices {
        let count = branches[index][keyPath: text].utf8.count
        if kept + count > bytesMax {
          branches[index][keyPath: text] = ""
        } else {
          kept += count
        }
      }
    }
  }
}

extension EasyCar.GetStateResp.Branch {
  /// The entries of a branch, in the order in which easycar's clients register them.
  static func entries(
    of branch: CaravanV1.Branch, at index: Int, in stored: StoredTransaction
  ) -> [EasyCar.GetStateResp.Branch] {
    let isTCC = branch.mode == .tcc
    let calls: [(EasyCar.Action, CaravanV1.Call?)] = [
      (isTCC ? .try : .normal, branch.phaseOne), (.confirm, branch.confirm),
      (isTCC ? .cancel : .compensation, branch.undo),
    ]
    return calls.compactMap { action, call in
      guard let call, let target = call.target else { return nil }
      let (uri, protocolName) = EasyCarTarget.write(target)
      return EasyCar.GetStateResp.Branch {
        $0.branchId = branch.id
        $0.reqData = String(decoding: call.payload, as: UTF8.self)
        $0.reqHeader = EasyCarHeader.write(call.metadata)
        $0.uri = uri
        $0.tranType = isTCC ? .tcc : .sage
        $0.protocolName = protocolName
        $0.action = action
        $0.level = Int64(branch.level)
        $0.state = EasyCar.BranchState(action, at: index, in: stored)
        $0.lastErrMsg = error(of: action, at: index, in: stored)
      }
    }
  }

  /// The error of the branch's last call, where that was one of this action.
  private static func error(
    of action: EasyCar.Action, at index: Int, in stored: StoredTransaction
  ) -> String {
    guard let action = Mode.Action(action) else { return "" }
    let point = stored.point
    var errors: [String] = []
    if index < point.outcomes.count { errors.append(point.outcomes[index].error) }
    // What an undo has taken back has no error of its own any more.
    if let reason = point.reason, reason.branch == index { errors.append(reason.text) }
    return errors.first { ActionError($0)?.action == action } ?? ""
  }
}

extension Mode.Action {
  /// Nil: easycar's number stands for no action.
  fileprivate init?(_ action: EasyCar.Action) {
    switch action {
    case .try: self = .try
    case .confirm: self = .confirm
    case .cancel: self = .cancel
    case .normal: self = .action
    case .compensation: self = .compensation
    case .unKnowTransactionType, .unrecognized: return nil
    }
  }
}

extension EasyCar.GlobalState {
  init(_ stored: StoredTransaction) {
    let needsAttention = stored.point.attention != nil
    self =
      switch stored.point.state {
      case .active: .initial
      case .executing:
        stored.point.outcomes.contains(where: \.isRepeatedInPhaseOne)
          ? .phase1Retrying : .phase1Processing
      case .prepared: .phase1Success
      case .committing: needsAttention ? .phase2CommitFailed : .phase2Committing
      case .rollingBack: needsAttention ? .phase2RollbackFailed : .phase2Rollbacking
      case .committed: .committed
      case .rolledBack: .rollbacked
      }
  }
}

extension EasyCar.BranchState {
  /// Where the call of an action stands.
  init(_ action: EasyCar.Action, at index: Int, in stored: StoredTransaction) {
    let outcomes = stored.point.outcomes
    let outcome = index < outcomes.count ? outcomes[index] : OutcomeRecord()
    let mustSucceed = stored.branches[index].role == .mustSucceed
    switch action {
    case .try, .normal:
      self =
        mustSucceed
        ? Self(phaseTwo: outcome) : Self(phaseOne: outcome, stored.point.state)
    case .confirm:
      self = stored.point.state.decision == .commit ? Self(phaseTwo: outcome) : .initial
    case .cancel, .compensation:
      self = stored.point.state.decision == .rollback ? Self(phaseTwo: outcome) : .initial
    case .unKnowTransactionType, .unrecognized:
      self = .unKnowState
    }
  }

  private init(phaseOne outcome: OutcomeRecord, _ state: Transaction.State) {
    switch outcome.phaseOne {
    case .done: self = .succeed
    case .refused: self = .failed
    case .untouched, .unknown:
      if case .executing = state {
        self = outcome.isRepeatedInPhaseOne ? .retrying : .initial
      } else {
        // Decided without it: what was never attempted stays untouched.
        self = outcome.phaseOne == .unknown ? .failed : .initial
      }
    }
  }

  private init(phaseTwo outcome: OutcomeRecord) {
    switch outcome.phaseTwo {
    case .none: self = .initial
    case .pending: self = outcome.isRepeated ? .retrying : .initial
    case .done, .stated: self = .succeed
    }
  }
}

extension OutcomeRecord {
  /// The call that is owed now has failed before.
  ///
  /// A call that was never made may wait too: for an attempt of phase one that may still land.
  fileprivate var isRepeated: Bool { attempts > 1 || (attempts == 1 && nextAt != nil) }

  /// The call of phase one has failed before, or may have been made in an earlier life of the
  /// transaction.
  fileprivate var isRepeatedInPhaseOne: Bool {
    switch phaseOne {
    case .unknown: true
    case .untouched: isRepeated
    case .done, .refused: false
    }
  }
}
