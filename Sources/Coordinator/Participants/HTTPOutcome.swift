/// What one attempt over HTTP came to, before anyone judges it.
enum HTTPOutcome: Sendable {
  case answered(HTTPReply)
  case failed(HTTPFailure)
}

/// A whole reply, as far as it is kept.
struct HTTPReply: Equatable, Sendable {
  var status: Int
  /// `Service Unavailable`; empty where the status is none that is known and the server gave no
  /// words.
  var reason = ""
  /// The field `Retry-After` as it came.
  var retryAfter: String?
  var contentType: String?
  /// Its body, or as much of it as there was room for.
  var body: [UInt8] = []
  /// The body was longer than there was room for.
  var isCut = false
}

/// No whole reply came.
struct HTTPFailure: Error, Equatable, Sendable {
  enum Delivery: Equatable, Sendable {
    /// No server has seen the request.
    case notSent
    /// One may have.
    case maybeSent
  }

  var delivery: Delivery
  var text: String
  /// Nobody was reached, or was not heard of in time; else somebody spoke, if not as they should.
  var isOfTransport = true

  static func notSent(_ text: String) -> HTTPFailure {
    HTTPFailure(delivery: .notSent, text: text)
  }
  static func maybeSent(_ text: String) -> HTTPFailure {
    HTTPFailure(delivery: .maybeSent, text: text)
  }
}
