import GRPC
import Messages
import Mode
import ProtoWire
import Store

/// What callers are told whose transaction rolls back.
extension Status {
  /// Bytes of the rollback's reason in the message and in the summary; Get has all of it.
  private static let reasonBytesMax = 240
  /// Bytes of one branch's error in the summary.
  private static let errorBytesMax = 200

  /// ABORTED: the decision is rollback, and that is final.
  static func rolledBack(_ view: TransactionView) -> Status {
    let stored = view.stored
    let hasEnded = stored.point.state == .rolledBack
    let reason = stored.point.reason.map { CaravanV1.RollbackReason($0, of: stored.branches) }
    let text =
      "transaction \(stored.id) \(hasEnded ? "was rolled back" : "is being rolled back")"
      + inWords(reason) + "; this is final"
    return Status(
      .aborted, text,
      info: GoogleRPC.ErrorInfo(
        caravan: hasEnded ? "ROLLED_BACK" : "ROLLING_BACK",
        [
          "transaction": stored.id, "state": stored.point.state.name,
          "cause": reason?.cause.name ?? "", "branch": reason?.branch ?? "",
        ])
    ) { room in
      GoogleProtobuf.AnyMessage(packing: summary(of: view, reason, bytesMax: room))
    }
  }

  /// Why it rolls back, after a colon.
  static func inWords(_ reason: CaravanV1.RollbackReason?) -> String {
    guard let reason else { return "" }
    let text = reason.text.cut(toBytes: reasonBytesMax)
    switch reason.cause {
    case .refused: return ": branch \(reason.branch) refused: \(text)"
    case .exhausted: return ": branch \(reason.branch) failed: \(text)"
    case .requested, .deadline, .unspecified, .unrecognized: return text.isEmpty ? "" : ": \(text)"
    }
  }

  /// The summary, with as many failed branches as fit into so many bytes: the one that caused the
  /// rollback, then the others in the order of registration.
  static func summary(
    of view: TransactionView, _ reason: CaravanV1.RollbackReason?, bytesMax: Int
  ) -> CaravanV1.RollbackSummary {
    let point = view.stored.point
    var summary = CaravanV1.RollbackSummary()
    summary.id = view.stored.id
    summary.state = CaravanV1.State(point.state)
    summary.reason = reason
    summary.reason?.text = (reason?.text ?? "").cut(toBytes: reasonBytesMax)
    let failed = failedBranches(view.stored)
    summary.failedBranchCount = UInt32(failed.count)
    var left = bytesMax - summary.wireBytes().count
    for index in failed {
      var outcome = CaravanV1.BranchOutcome(view.stored.branches[index])
      outcome.fill(from: point.outcomes[index])
      outcome.reply = []
      outcome.error = outcome.error.cut(toBytes: errorBytesMax)
      left -= outcome.wireBytes().count + 4
      if left < 0 { break }
      summary.failedBranches.append(outcome)
    }
    return summary
  }

  /// Branches that refused, whose outcome is unknown, or whose last call failed.
  private static func failedBranches(_ stored: StoredTransaction) -> [Int] {
    let cause = stored.point.reason?.branch
    let count = min(stored.branches.count, stored.point.outcomes.count)
    var failed: [Int] = []
    if let cause, cause < count { failed.append(cause) }
    for index in 0..<count where index != cause {
      let outcome = stored.point.outcomes[index]
      let isFailed =
        switch outcome.phaseOne {
        case .refused: true
        case .unknown: stored.branches[index].role != .calledByCaller || !outcome.error.isEmpty
        case .untouched, .done: !outcome.error.isEmpty
        }
      if isFailed { failed.append(index) }
    }
    return failed
  }
}

extension CaravanV1.RollbackReason.Cause {
  /// The name in the proto.
  var name: String {
    switch self {
    case .unspecified: ""
    case .requested: "REQUESTED"
    case .refused: "REFUSED"
    case .exhausted: "EXHAUSTED"
    case .deadline: "DEADLINE"
    case .unrecognized(let number): "\(number)"
    }
  }
}
