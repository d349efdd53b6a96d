package import Mode

/// A read, or a sweep that takes rows a page at a time (`FOR UPDATE SKIP LOCKED`).
package enum Query: Equatable, Sendable {
  /// Answers `.found` or `.absent`.
  case get(id: String)
  /// Answers `.page`, newest first, without branches and replies.
  case list(ListFilter)
  /// Takes unfinished rows whose owner is dead or absent from the table (an ACTIVE row has none and
  /// is left alone), parked ones included: sets this owner, a higher fence. Answers `.page` with
  /// branches.
  case takeOver(owner: Int64, limit: Int)
  /// Takes parked rows of this owner that are due before then out of parking (`due` becomes null).
  /// Answers `.page` with branches.
  case due(owner: Int64, before: Instant, limit: Int)
  /// Takes ACTIVE rows whose deadline has passed: to ROLLING_BACK with the cause `deadline`, this
  /// owner, a higher fence.
  /// Answers `.page` with branches.
  case expire(owner: Int64, limit: Int)
  /// Removes what `retention` and `id_retention` have passed for. Answers `.swept`.
  case removeFinished(retention: Span, idRetention: Span, limit: Int)
  /// Takes transactions whose completion is due by `now` for this node, until when nobody else
  /// tells their end; counts the attempt. Answers `.page` with branches.
  case claimCompletions(now: Instant, until: Instant, limit: Int)
  /// What an attempt to tell the end came to. Answers `.swept` with 0 where a later attempt has
  /// overtaken it.
  case settleCompletion(CompletionReport)
  /// A new incarnation. Answers `.joined`.
  case join(node: String, address: String, lease: Span)
  /// Prolongs the lease. Answers `.renewed`, or `.dead`.
  case renew(incarnation: Int64, lease: Span)
  /// Declares incarnations whose lease has run out dead. Answers `.swept` with their number.
  case declareDead
  /// Gives the lease back at a clean stop, so that others need not wait for its end. Answers
  /// `.swept`.
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
