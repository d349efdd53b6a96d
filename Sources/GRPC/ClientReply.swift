import HTTP2

/// How a call ended, as its caller sees it.
package struct ClientReply: Sendable, Equatable {
  /// Who produced the status.
  package enum Origin: Sendable, Equatable {
    /// The peer sent a `grpc-status`.
    case peer
    /// Our own side made it up: malformed or oversized reply, timeout, broken connection, an HTTP
    /// status alone.
    case local
  }

  /// Whether the peer may have seen the call.
  package enum Delivery: Sendable, Equatable {
    /// It certainly never reached an application: no connection, REFUSED_STREAM, unprocessed by
    /// GOAWAY, never written.
    case notSent
    case maybeSent
  }

  /// OK: then `message` is there (of a unary call).
  package var status: Status
  package var origin: Origin
  package var delivery: Delivery
  package var message: [UInt8]?
  package var initialMetadata: Metadata
  package var trailingMetadata: Metadata

  package init(
    status: Status, origin: Origin, delivery: Delivery, message: [UInt8]? = nil,
    initialMetadata: Metadata = Metadata(), trailingMetadata: Metadata = Metadata()
  ) {
    self.status = status
    self.origin = origin
    self.delivery = delivery
    self.message = message
    self.initialMetadata = initialMetadata
    self.trailingMetadata = trailingMetadata
  }

  /// A status of our own side.
  package static func local(_ status: Status, _ delivery: Delivery) -> ClientReply {
    ClientReply(status: status, origin: .local, delivery: delivery)
  }
}

extension Status {
  /// The status for an HTTP status that came without `grpc-status`
  /// (https://github.com/grpc/grpc/blob/master/doc/http-grpc-status-mapping.md).
  static func forHTTP(_ status: Int) -> Status {
    let code: StatusCode =
      switch status {
      case 400: .internal
      case 401: .unauthenticated
      case 403: .permissionDenied
      case 404: .unimplemented
      case 429, 502, 503, 504: .unavailable
      default: .unknown
      }
    return Status(code, "the peer answered with HTTP status \(status) and no grpc-status")
  }

  /// The status for a stream that was reset (gRPC over HTTP/2, "Errors").
  static func forReset(_ code: ErrorCode) -> Status {
    let status: StatusCode =
      switch code {
      case .refusedStream: .unavailable
      case .cancel: .cancelled
      case .enhanceYourCalm: .resourceExhausted
      case .inadequateSecurity: .permissionDenied
      default: .internal
      }
    return Status(status, "the peer reset the stream: \(code)")
  }
}
