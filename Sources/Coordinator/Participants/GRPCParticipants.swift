import GRPC
import Mode
import NIOCore
import Transport

/// Calls participants over native gRPC, on the event loop of one shard.
final class GRPCParticipants: ParticipantCaller {
  private let pool: ClientPool
  private let eventLoop: any EventLoop
  /// The largest message that is taken as a reply, in bytes.
  private let replyBytesMax: Int
  /// The longest text of an error that is kept, in bytes.
  private let errorTextBytesMax: Int

  init(
    pool: ClientPool, eventLoop: any EventLoop, replyBytesMax: Int, errorTextBytesMax: Int
  ) {
    self.pool = pool
    self.eventLoop = eventLoop
    self.replyBytesMax = replyBytesMax
    self.errorTextBytesMax = errorTextBytesMax
  }

  func call(_ call: OutgoingCall, for shard: Shard) {
    let address: String
    let method: String
    switch call.definition.target {
    case .grpc(let host, let path): (address, method) = (host, path)
    }
    let request = ClientRequest(
      address: address, path: method, metadata: call.metadata, message: call.definition.payload,
      timeout: .milliseconds(call.attempt.timeout.milliseconds), replyBytesMax: replyBytesMax)
    let ticket = call.ticket
    let alsoDoneOn = call.definition.alsoDoneOn
    let textMax = errorTextBytesMax
    pool.call(request, on: eventLoop) { reply in
      shard.replied(
        to: ticket, CallReport(reply, alsoDoneOn: alsoDoneOn, errorTextBytesMax: textMax))
    }
  }
}

extension OutgoingCall {
  /// What the metadata below takes, but for long ids and the caller's own.
  private static let ownMetadataBytes = 384

  /// What a participant receives beside the payload (DESIGN section 2). The caller's own metadata comes first; it holds none of these
  /// names, registration refuses them.
  var metadata: Metadata {
    var metadata = Metadata()
    metadata.reserve(bytes: OutgoingCall.ownMetadataBytes)
    for (name, value) in definition.metadata { metadata.append(name, value) }
    metadata.append(own: "caravan-transaction", ticket.transaction)
    metadata.append(own: "caravan-branch", branchID)
    metadata.append(own: "caravan-action", attempt.action.name)
    metadata.append(own: "caravan-attempt", String(attempt.number))
    metadata.append(own: "caravan-fence", String(fence))
    switch attempt.undoes {
    case .done: metadata.append(own: "caravan-phase-one", "done")
    case .unknown: metadata.append(own: "caravan-phase-one", "unknown")
    case nil: break
    }
    metadata.append(
      own: "traceparent",
      TraceContext(transaction: ticket.transaction).header(
        branch: branchID, action: attempt.action, attempt: attempt.number, fence: fence))
    return metadata
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
