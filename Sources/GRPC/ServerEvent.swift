package import HTTP2

/// A call on one connection; never used twice there.
package typealias CallID = StreamID

/// What a server's session asks its owner to do.
package enum ServerEvent: Sendable {
  /// A unary request is complete: answer it by `reply`.
  case unary(CallID, RequestHead, message: [UInt8])
  /// A streaming call began: `send`, `finish`.
  case opened(CallID, RequestHead)
  /// A message of a streaming call.
  case message(CallID, [UInt8])
  /// The client sent its last message on a streaming call.
  case halfClosed(CallID)
  /// A streaming call has room again.
  case writable(CallID)
  /// A call that was delivered ended without our answer; nothing more is heard of it.
  case cancelled(CallID, Cancellation)
}

/// Why a call ended before it was answered.
package enum Cancellation: Sendable, Equatable {
  /// The client reset the stream.
  case byClient
  /// Its deadline passed; the client was told DEADLINE_EXCEEDED.
  case deadline
  /// The client broke gRPC's rules in the middle of a stream, and was told so.
  case malformed
  /// The connection is gone.
  case connectionLost
}
