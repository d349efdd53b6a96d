package import Mode

/// A read, or a sweep that takes rows a page at a time (`FOR UPDATE SKIP LOCKED`).
package enum Query: Equatable, Sendable {
  case get(id: String)
  /// A page, newest first, without branches and replies.
  case list(ListFilter)
  case sweep(SweepQuery)
  case completion(CompletionQuery)
  case lease(LeaseQuery)
}

/// Looks for what nobody takes care of.
package enum SweepQuery: Equatable, Sendable {
  /// Takes unfinished rows whose owner is dead or absent from the table (an ACTIVE row has none and
  /// is left alone), parked ones included: sets this owner, a higher fence. Answers `.page`.
  case takeOver(owner: Int64, limit: Int)
  /// Takes parked rows of this owner that are due before then out of parking (`due` becomes null).
  /// Answers `.page`.
  case due(owner: Int64, before: Instant, limit: Int)
  /// Takes ACTIVE rows whose deadline has passed: to ROLLING_BACK with the cause `deadline`, this
  /// owner, a higher fence. Answers `.page`.
  case expire(owner: Int64, limit: Int)
  /// Removes what `retention` and `id_retention` have passed for. Answers `.count`.
  case removeFinished(retention: Span, idRetention: Span, limit: Int)
  /// Declares incarnations whose lease has run out dead. Answers `.count`.
  case declareDead
}

/// About telling those who asked for it how transactions ended.
package enum CompletionQuery: Equatable, Sendable {
  /// Takes transactions whose completion is due by `now` for this node, until when nobody else
  /// tells their end; counts the attempt. Answers `.claimed`.
  case claim(now: Instant, until: Instant, limit: Int)
  /// What an attempt to tell the end came to. Answers `.settled` or `.overtaken`.
  case settle(CompletionReport)
}

/// About a node's right to drive transactions.
package enum LeaseQuery: Equatable, Sendable {
  /// A new incarnation. Answers `.held`.
  case join(node: String, address: String, lease: Span)
  /// Prolongs the lease. Answers `.held`, or `.notHeld` where the incarnation is dead.
  case renew(incarnation: Int64, lease: Span)
  /// Gives the lease back at a clean stop, so that others need not wait for its end. Answers
  /// `.notHeld`.
  case leave(incarnation: Int64)
}

package struct ListFilter: Equatable, Sendable {
  /// Empty: all. EXECUTING counts with either intent.
  package var states: [Transaction.State]
  package var needsAttention: Bool
  package var idPrefix: String
  package var createdFrom: Instant?
  package var createdTo: Instant?
  /// Continues after this row: its creation and id.
  package var after: (createdAt: Instant, id: String)?
  package var limit: Int

  package init(
    states: [Transaction.State] = [], needsAttention: Bool = false, idPrefix: String = "",
    createdFrom: Instant? = nil, createdTo: Instant? = nil,
    after: (createdAt: Instant, id: String)? = nil, limit: Int = 100
  ) {
    self.states = states
    self.needsAttention = needsAttention
    self.idPrefix = idPrefix
    self.createdFrom = createdFrom
    self.createdTo = createdTo
    self.after = after
    self.limit = limit
  }

  package static func == (left: ListFilter, right: ListFilter) -> Bool {
    left.states == right.states && left.needsAttention == right.needsAttention
      && left.idPrefix == right.idPrefix && left.createdFrom == right.createdFrom
      && left.createdTo == right.createdTo && left.limit == right.limit
      && left.after?.createdAt == right.after?.createdAt && left.after?.id == right.after?.id
  }
}
