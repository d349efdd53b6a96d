import GRPC
import Messages
import Mode
import ProtoWire
import Store

/// The one table from what the driver answers to what callers are told.
extension Status {
  /// How long a caller waits before it asks again, in milliseconds: spread, so that callers who
  /// were turned away together do not come back together.
  private static let overloadedPushback = 500...1_500
  private static let unavailablePushback = 100...500

  /// - Parameters:
  ///   - view: the transaction, where the error itself does not have it
  init(_ error: RequestError, _ kind: RequestKind, id: String, view: TransactionView? = nil) {
    switch error {
    case .notFound:
      self.init(
        .notFound, "there is no transaction \(id); Begin or Execute makes one",
        info: GoogleRPC.ErrorInfo(caravan: "NOT_FOUND", ["transaction": id]))
    case .alreadyExists(let view):
      self.init(
        .alreadyExists,
        "transaction \(id) is \(view.stateName), and was begun with other content; "
          + "repeat what was sent first to join it, or choose another id",
        info: GoogleRPC.ErrorInfo(
          caravan: "OTHER_CONTENT", ["transaction": id, "state": view.stateName]))
    case .wrongState(let view):
      self = .wrongState(view, kind)
    case .branchConflict(let branch):
      self.init(
        .alreadyExists,
        "branch \(branch) of transaction \(id)\(Self.state(view)) is registered with other "
          + "content; repeat what was sent first, or choose another branch id",
        info: GoogleRPC.ErrorInfo(
          caravan: "OTHER_CONTENT",
          ["transaction": id, "branch": branch, "state": view?.stateName ?? ""]))
    case .tooManyBranches(let count):
      self.init(
        .failedPrecondition,
        "transaction \(id)\(Self.state(view)) would have \(count) branches, more than the setting "
          + "limits.branches permits; register fewer, or divide the transaction",
        info: GoogleRPC.ErrorInfo(
          caravan: "TOO_MANY_BRANCHES",
          ["transaction": id, "state": view?.stateName ?? "", "branch_count": "\(count)"]))
    case .branchesTooLarge(let bytes):
      self.init(
        .failedPrecondition,
        "transaction \(id)\(Self.state(view)) would have branches of \(bytes) bytes; those of a "
          + "transaction amount to at most \(Write.branchBytesMax): send smaller payloads, or "
          + "divide the transaction",
        info: GoogleRPC.ErrorInfo(
          caravan: "BRANCHES_TOO_LARGE",
          ["transaction": id, "state": view?.stateName ?? "", "bytes": "\(bytes)"]))
    case .plan(let plan, let branch):
      self = .unplannable(plan, branch, kind, id, view)
    case .overloaded:
      self = .askAgain(
        .resourceExhausted, "OVERLOADED",
        "\(kind.name) of transaction \(id) was turned away: too much is under way; "
          + "nothing was done, ask again with the same id",
        id, .random(in: Self.overloadedPushback))
    case .unavailable(let reason):
      self = .askAgain(
        .unavailable, "UNAVAILABLE",
        "\(kind.name)\(id.isEmpty ? "" : " of transaction \(id)"): \(reason)"
          + "; \(kind.advice)",
        id, .random(in: Self.unavailablePushback))
    }
  }

  private static func wrongState(_ view: TransactionView, _ kind: RequestKind) -> Status {
    let reason = view.stored.point.reason.map {
      CaravanV1.RollbackReason($0, of: view.stored.branches)
    }
    return Status(
      .failedPrecondition,
      "transaction \(view.stored.id) is \(view.stateName)\(inWords(reason)); "
        + "\(kind.name) is accepted in \(kind.accepted)",
      info: GoogleRPC.ErrorInfo(
        caravan: "WRONG_STATE",
        [
          "transaction": view.stored.id, "state": view.stateName, "accepted": kind.accepted,
          "cause": reason?.cause.name ?? "", "branch": reason?.branch ?? "",
        ]))
  }

  /// In Execute the branches are an argument; Commit and Start meet what was registered before.
  private static func unplannable(
    _ plan: PlanError, _ branch: String, _ kind: RequestKind, _ id: String,
    _ view: TransactionView?
  ) -> Status {
    switch plan {
    case .mustSucceedNotAbove(_, let level, let highest):
      let text =
        "branch \(branch) of transaction \(id)\(state(view)) must succeed and stands on level "
        + "\(level); it has to stand above level \(highest), where a branch can still be undone"
      return Status(
        kind == .execute ? .invalidArgument : .failedPrecondition,
        kind == .execute ? text : text + "; Rollback is accepted",
        info: GoogleRPC.ErrorInfo(
          caravan: "MUST_SUCCEED_NOT_ABOVE",
          [
            "transaction": id, "state": view?.stateName ?? "", "branch": branch,
            "level": "\(level)", "level_min": "\(highest + 1)",
          ]))
    }
  }

  private static func askAgain(
    _ code: StatusCode, _ reason: String, _ text: String, _ id: String, _ milliseconds: Int
  ) -> Status {
    Status(
      code, text, info: GoogleRPC.ErrorInfo(caravan: reason, ["transaction": id]),
      metadata: ["grpc-retry-pushback-ms": "\(milliseconds)"]
    ) { _ in
      GoogleProtobuf.AnyMessage(
        packing: GoogleRPC.RetryInfo {
          $0.retryDelay = GoogleProtobuf.Duration(.milliseconds(milliseconds))
        })
    }
  }

  private static func state(_ view: TransactionView?) -> String {
    view.map { " (\($0.stateName))" } ?? ""
  }
}

extension TransactionView {
  /// `COMMITTED`, say.
  var stateName: String { stored.point.state.name }
}
