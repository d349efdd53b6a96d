import Mode
import Store

/// Calls to participants, and what is kept of their replies.
extension Shard {
  // MARK: Effects

  /// Makes the calls of a step.
  func perform(_ effects: [Transaction.Effect], of transaction: LiveTransaction) {
    for effect in effects {
      switch effect {
      case .call(let attempt): call(attempt, of: transaction)
      }
    }
  }

  private func call(_ attempt: Attempt, of transaction: LiveTransaction) {
    let definition = transaction.definitions[attempt.branch]
    let ticket = CallTicket(
      transaction: transaction.id, generation: transaction.generation, branch: attempt.branch,
      action: attempt.action, attempt: attempt.number)
    guard let target = definition.call(for: attempt.action) else {
      preconditionFailure("branch \(definition.id) was registered without its \(attempt.action)")
    }
    guard environment.incarnation == transaction.owner else {
      // Past its lease a node calls nobody. The lease may still be prolonged, so the attempt has an
      // end of its own.
      later(environment.now + limits.rewriteDelay) { [self] in
        replied(to: ticket, CallReport(.notSent, error: "this node holds no lease"))
      }
      return
    }
    let filled: CallDefinition
    do {
      filled =
        try target.passing?.fill(target, within: limits.passing) { transaction.reply(of: $0) }
        ?? target
    } catch {
      // A kept reply does not change: a retry would fail in the same way.
      later(environment.now) { [self] in
        replied(
          to: ticket, CallReport(.refused, error: "nothing was sent: \(error.description)"))
      }
      return
    }
    let call = OutgoingCall(
      ticket: ticket, branchID: definition.id, definition: filled, attempt: attempt,
      fence: transaction.fence)
    // Its timeout counts from here, not from before the write that it had to wait for.
    _ = try? transaction.machine.apply(
      .sent(branch: attempt.branch, action: attempt.action, attempt: attempt.number),
      at: Moment(now: environment.now, noise: 0))
    observer.called(call)
    participants.call(call, for: self)
  }

  /// An attempt has ended.
  func replied(to ticket: CallTicket, _ report: CallReport) {
    observer.replied(ticket, report)
    guard let transaction = live[ticket.transaction],
      transaction.generation == ticket.generation
    else { return }
    process(
      transaction,
      LiveTransaction.Pending(
        event: .replied(
          branch: ticket.branch, action: ticket.action, attempt: ticket.attempt, report.result),
        report: report))
    rearm()
  }

  /// A participant can be reached again: the calls that were kept from it go out over `span`,
  /// instead of when their delays end.
  func reachable(_ tickets: [CallTicket], within span: Span) {
    let now = environment.now
    for (place, ticket) in tickets.enumerated() {
      guard let transaction = live[ticket.transaction],
        transaction.generation == ticket.generation,
        transaction.machine.progress[ticket.branch].attempts == ticket.attempt
      else { continue }
      let share = span.milliseconds * Int64(place) / Int64(tickets.count)
      process(
        transaction,
        LiveTransaction.Pending(
          event: .reachable(branch: ticket.branch, by: now + .milliseconds(share))))
    }
    rearm()
  }

  // MARK: What is kept for those who ask

  /// Notes what an attempt came to beside what the rules need.
  func keep(
    _ report: CallReport, of event: Transaction.Event, in transaction: LiveTransaction
  ) {
    guard case .replied(let branch, let action, let attempt, let result) = event,
      transaction.machine.isCurrent(branch, action, attempt)
    else { return }
    if result == .done {
      transaction.kept[branch].error = ""
      guard action == .try || action == .action else { return }
      let reply = report.reply ?? []
      if !report.replyOmitted, reply.count <= limits.oneReplyBytesMax,
        transaction.replyBytes + reply.count <= limits.replyBytesMax
      {
        transaction.kept[branch].reply = reply.isEmpty ? nil : reply
        transaction.replyBytes += reply.count
      } else {
        transaction.kept[branch].replyOmitted = true
      }
      return
    }
    transaction.kept[branch].error = ActionError(action, report.error).text
    let noted = transaction.notes.reduce(0) { $0 + ($1.branch == branch ? 1 : 0) }
    guard noted < limits.notesPerBranchMax else { return }
    transaction.notes.append(
      AttemptNote(
        branch: branch, action: action, attempt: attempt, at: environment.now,
        text: report.error))
  }

  /// The words for what the rules have just decided or flagged.
  func putIntoWords(
    _ next: Transaction, _ event: LiveTransaction.Pending, _ transaction: LiveTransaction
  ) {
    if let reason = next.reason, transaction.machine.reason == nil {
      switch reason.cause {
      case .requested:
        transaction.reasonText = ReasonRecord.requested(event.text).text
      case .deadline:
        transaction.reasonText = ReasonRecord.deadline.text
      case .refused, .exhausted:
        let branch = reason.branch ?? 0
        transaction.reasonText = transaction.kept[branch].error
      }
    }
    if let attention = next.attention, transaction.machine.attention == nil {
      let branch = transaction.definitions[attention.branch].id
      let error = transaction.kept[attention.branch].error
      switch attention.cause {
      case .refused:
        transaction.attentionText = "branch \(branch) refuses its phase two: \(error)"
      case .attempts:
        transaction.attentionText =
          "branch \(branch) has failed \(next.progress[attention.branch].attempts) times: \(error)"
      }
    }
  }
}
