import Mode

/// One attempt on its way over the wire, whatever the protocol.
struct AttemptMessage: Sendable {
  var definition: CallDefinition
  var fields: OwnFields
  var timeout: Span
}

/// Sends attempts over one protocol, on the event loop of one shard.
protocol AttemptSender: AnyObject {
  /// `completion` is called once, on the loop, never before this returns, and at the latest when the attempt's timeout has passed.
  func send(_ message: AttemptMessage, completion: @escaping @Sendable (CallReport) -> Void)
}

/// Calls participants over whichever protocol their calls name, on the event loop of one shard.
final class Participants: ParticipantCaller, AttemptSender {
  private let grpc: any AttemptSender
  private let http: any AttemptSender

  init(grpc: any AttemptSender, http: any AttemptSender) {
    self.grpc = grpc
    self.http = http
  }

  func call(_ call: OutgoingCall, for shard: Shard) {
    let ticket = call.ticket
    let message = AttemptMessage(
      definition: call.definition, fields: call.ownFields, timeout: call.attempt.timeout)
    send(message) { shard.replied(to: ticket, $0) }
  }

  func send(_ message: AttemptMessage, completion: @escaping @Sendable (CallReport) -> Void) {
    switch message.definition.target {
    case .grpc: grpc.send(message, completion: completion)
    case .http: http.send(message, completion: completion)
    }
  }
}
