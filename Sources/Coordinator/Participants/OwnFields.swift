import Mode

/// What a participant receives beside the payload and the caller's own metadata
/// (docs/participants.md): metadata on gRPC, headers on HTTP.
struct OwnFields: Sendable {
  var transaction: String
  /// Empty for a completion, which is of no branch.
  var branch: String
  /// `try`, say, or `completion`.
  var action: String
  var attempt: UInt32
  var fence: Int64
  /// Set for a cancel or a compensation.
  var undoes: Attempt.Undoes?
  var traceparent: String

  func forEach(_ body: (_ name: StaticString, _ value: String) -> Void) {
    body("caravan-transaction", transaction)
    if !branch.isEmpty { body("caravan-branch", branch) }
    body("caravan-action", action)
    body("caravan-attempt", String(attempt))
    body("caravan-fence", String(fence))
    switch undoes {
    case .done: body("caravan-phase-one", "done")
    case .unknown: body("caravan-phase-one", "unknown")
    case nil: break
    }
    body("traceparent", traceparent)
  }
}

extension OutgoingCall {
  var ownFields: OwnFields {
    OwnFields(
      transaction: ticket.transaction, branch: branchID, action: attempt.action.name,
      attempt: attempt.number, fence: fence, undoes: attempt.undoes,
      traceparent: TraceContext(transaction: ticket.transaction).header(
        branch: branchID, action: attempt.action, attempt: attempt.number, fence: fence))
  }
}

extension Action {
  /// The action as participants and readers know it.
  var name: String {
    switch self {
    case .try: "try"
    case .confirm: "confirm"
    case .cancel: "cancel"
    case .action: "action"
    case .compensation: "compensation"
    }
  }
}
