import AsyncHTTPClient
import Mode
import NIOCore
import NIOHTTP1

/// Sends attempts over HTTP, on the event loop of one shard.
final class HTTPSender: AttemptSender {
  private let client: HTTPClient
  private let eventLoop: any EventLoop
  /// The longest reply that is kept, in bytes.
  private let keptBytesMax: Int
  /// The longest reply that is read, in bytes.
  private let replyBytesMax: Int
  /// The longest text of an error that is kept, in bytes.
  private let errorTextBytesMax: Int

  init(
    client: HTTPClient, eventLoop: any EventLoop, keptBytesMax: Int, replyBytesMax: Int,
    errorTextBytesMax: Int
  ) {
    self.client = client
    self.eventLoop = eventLoop
    self.keptBytesMax = keptBytesMax
    self.replyBytesMax = replyBytesMax
    self.errorTextBytesMax = errorTextBytesMax
  }

  func send(_ message: AttemptMessage, completion: @escaping @Sendable (CallReport) -> Void) {
    guard case .http(let method, let url) = message.definition.target else {
      preconditionFailure("a call to \(message.definition.target) is none over HTTP")
    }
    let textMax = errorTextBytesMax
    let request: HTTPClient.Request
    do {
      request = try HTTPClient.Request(
        url: url, method: HTTPMethod(rawValue: method), headers: message.headers,
        body: .bytes(message.definition.payload))
    } catch {
      let text = "\(error)".cut(toBytes: textMax)
      return eventLoop.execute { completion(CallReport(.notSent, error: text)) }
    }
    let alsoDoneOn = message.definition.alsoDoneOn
    client.execute(
      request: request, delegate: ResponseAccumulator(request: request, maxBodySize: replyBytesMax),
      eventLoop: .delegateAndChannel(on: eventLoop),
      deadline: .now() + .milliseconds(message.timeout.milliseconds)
    ).futureResult.hop(to: eventLoop).whenComplete { result in
      completion(CallReport(result, alsoDoneOn: alsoDoneOn, errorTextBytesMax: textMax))
    }
  }
}

extension AttemptMessage {
  /// The caller's own headers come first; they hold none of Caravan's names, registration refuses them.
  fileprivate var headers: HTTPHeaders {
    var headers = HTTPHeaders()
    for (name, value) in definition.metadata { headers.add(name: name, value: value) }
    fields.forEach { headers.add(name: $0.description, value: $1) }
    headers.add(name: "idempotency-key", value: fields.idempotencyKey)
    return headers
  }
}

extension OwnFields {
  /// `transaction/branch/action`.
  var idempotencyKey: String {
    branch.isEmpty ? "\(transaction)/\(action)" : "\(transaction)/\(branch)/\(action)"
  }
}

extension HTTPClient.Configuration {
  /// No redirects, which would take a call where nobody permitted it; no second try of a connection, which the branch's policy
  /// decides.
  static var participants: HTTPClient.Configuration {
    var configuration = HTTPClient.Configuration(redirectConfiguration: .disallow)
    configuration.connectionPool.retryConnectionEstablishment = false
    configuration.decompression = .disabled
    return configuration
  }
}
