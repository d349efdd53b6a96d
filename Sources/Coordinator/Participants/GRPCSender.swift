import GRPC
import Mode
import NIOCore
import Transport

/// Sends attempts over native gRPC, on the event loop of one shard.
final class GRPCSender: AttemptSender {
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

  func send(_ message: AttemptMessage, completion: @escaping @Sendable (CallReport) -> Void) {
    guard case .grpc(let address, let method) = message.definition.target else {
      preconditionFailure("a call to \(message.definition.target) is none over gRPC")
    }
    let request = ClientRequest(
      address: address, path: method, metadata: message.metadata,
      message: message.definition.payload,
      timeout: .milliseconds(message.timeout.milliseconds), replyBytesMax: replyBytesMax)
    let alsoDoneOn = message.definition.alsoDoneOn
    let textMax = errorTextBytesMax
    pool.call(request, on: eventLoop) { reply in
      completion(CallReport(reply, alsoDoneOn: alsoDoneOn, errorTextBytesMax: textMax))
    }
  }
}

extension AttemptMessage {
  /// What the metadata below takes, but for long ids and the caller's own.
  private static let ownMetadataBytes = 384

  /// The caller's own metadata comes first; it holds none of Caravan's names, registration refuses
  /// them.
  fileprivate var metadata: Metadata {
    var metadata = Metadata()
    metadata.reserve(bytes: AttemptMessage.ownMetadataBytes)
    for (name, value) in definition.metadata { metadata.append(name, value) }
    fields.forEach { metadata.append(own: $0, $1) }
    return metadata
  }
}
