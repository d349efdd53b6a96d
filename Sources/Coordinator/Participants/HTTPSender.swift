import AsyncHTTPClient
import Glibc
import Mode
import NIOCore
import NIOHTTP1

/// Sends attempts over HTTP, on the event loop of one shard.
final class HTTPSender: AttemptSender {
  /// A call's method and URL, read once: callers name the same few again and again.
  private struct Place: Hashable {
    var method: String
    var url: String
  }

  /// Past it all that were read are forgotten.
  private static let placesMax = 1_024

  /// Has this loop alone. A client of several would close a connection that must be on one of them
  /// after each call.
  private let client: HTTPClient
  private let eventLoop: any EventLoop
  /// The longest reply that is kept, in bytes.
  private let keptBytesMax: Int
  /// The longest reply that is read, in bytes.
  private let replyBytesMax: Int
  /// The longest text of an error that is kept, in bytes.
  private let errorTextBytesMax: Int
  /// Requests without headers and body, and who they go to.
  private var places: [Place: (request: HTTPClient.Request, peer: String)] = [:]

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
    let alsoDoneOn = message.definition.alsoDoneOn
    let textMax = errorTextBytesMax
    let report = { @Sendable (outcome: HTTPOutcome) in
      completion(
        CallReport(
          outcome, alsoDoneOn: alsoDoneOn, errorTextBytesMax: textMax, now: Int64(time(nil))))
    }
    guard let (blank, peer) = place(method, url) else {
      let failure = HTTPFailure.notSent("\(url) cannot be called")
      return eventLoop.execute { report(.failed(failure)) }
    }
    var request = blank
    request.headers = message.headers
    if !message.definition.payload.isEmpty { request.body = .bytes(message.definition.payload) }
    let timeout = message.timeout
    let reader = HTTPReplyReader(
      eventLoop: eventLoop, alsoDoneOn: alsoDoneOn, keptBytesMax: keptBytesMax,
      readBytesMax: replyBytesMax)
    let task = client.execute(
      request: request, delegate: reader, eventLoop: .delegate(on: eventLoop),
      deadline: .now() + .milliseconds(timeout.milliseconds))
    task.futureResult.whenComplete { [eventLoop] result in
      switch result {
      case .success(let reply): report(.answered(reply))
      case .failure(let error):
        let failure = HTTPFailure(error, progress: reader.progress, peer: peer, timeout: timeout)
        // It may have failed before `execute` returned.
        eventLoop.execute { report(.failed(failure)) }
      }
    }
  }

  private func place(_ method: String, _ url: String) -> (HTTPClient.Request, peer: String)? {
    let key = Place(method: method, url: url)
    if let known = places[key] { return known }
    guard let location = try? HTTPLocation(url),
      let request = try? HTTPClient.Request(url: url, method: HTTPMethod(rawValue: method))
    else { return nil }
    if places.count >= Self.placesMax { places.removeAll(keepingCapacity: true) }
    places[key] = (request, location.peer)
    return (request, location.peer)
  }
}

extension AttemptMessage {
  /// The caller's own headers come first; they hold none of Caravan's names, registration refuses
  /// them.
  fileprivate var headers: HTTPHeaders {
    var headers = HTTPHeaders()
    headers.reserveCapacity(definition.metadata.count + 8)
    for (name, value) in definition.metadata { headers.add(name: name, value: value) }
    fields.forEach { headers.add(name: $0.description, value: $1) }
    headers.add(name: "idempotency-key", value: fields.idempotencyKey)
    return headers
  }
}

extension OwnFields {
  /// `transaction/branch/action`; a `/` within an id is `%2F`, so that no two calls share a key.
  var idempotencyKey: String {
    let parts = branch.isEmpty ? [transaction, action] : [transaction, branch, action]
    return parts.map { $0.replacing("/", with: "%2F") }.joined(separator: "/")
  }
}
