import Mode

/// Makes calls to participants: the second of the shard's three seams.
protocol ParticipantCaller: AnyObject {
  /// Makes one attempt. Its end comes to `shard.replied(to:_:)`, once, on the shard's thread, never
  /// before this returns, and at the latest when the attempt's timeout has passed.
  func call(_ call: OutgoingCall, for shard: Shard)

  /// What keeps a call from its participant, or would, for those who look; nil: nothing does.
  func hold(on call: OwedCall) -> String?
}

extension ParticipantCaller {
  func hold(on call: OwedCall) -> String? { nil }
}

/// A call that is owed, as those who look see it.
struct OwedCall {
  var transaction: String
  var branch: String
  var definition: CallDefinition
  /// It was made, and has not ended.
  var isUnderWay: Bool
  /// It would not be the first attempt.
  var isRetry: Bool
}

/// One attempt on its way out.
struct OutgoingCall {
  var ticket: CallTicket
  var branchID: String
  var definition: CallDefinition
  var attempt: Attempt
  var fence: Int64
}

/// Names an attempt, so that its end finds its way back, and a late one does not.
struct CallTicket: Equatable, Hashable, Sendable {
  var transaction: String
  /// Of the live transaction that called; another life of the same transaction has another.
  var generation: UInt64
  var branch: Int
  var action: Action
  var attempt: UInt32
}

/// What an attempt came to, with what Get shows of it.
struct CallReport: Equatable, Sendable {
  var result: CallResult
  /// What the participant replied, where it is done.
  var reply: [UInt8]?
  /// The reply was longer than what is kept of one, and is not here.
  var replyOmitted = false
  /// What went wrong, where it is not done.
  var error: String
  /// The participant was not reached, or did not answer; never set where it said anything.
  var isTransportFailure = false
  /// It was kept back because its participant could not be reached; the shard hears when that is
  /// over.
  var waitsForParticipant = false

  init(_ result: CallResult, reply: [UInt8]? = nil, error: String = "") {
    self.result = result
    self.reply = reply
    self.error = error
  }
}

/// Time, chance and the lease: the third of the shard's seams.
protocol ShardEnvironment: AnyObject {
  /// The database's time, as well as this node knows it.
  var now: Instant { get }
  /// Bits that differ from event to event and from node to node, for the jitter of retries.
  func noise() -> UInt64
  /// Asks for `shard.wake()` then, instead of at the later time asked for before.
  func wake(at: Instant, shard: Shard)
  /// The incarnation under which this node drives transactions; nil while it holds no lease.
  var incarnation: Int64? { get }
}
