package import HTTP2

/// What a server accepts on one connection, and for how long it waits.
package struct ServerLimits: Sendable {
  /// Limits of HTTP/2 itself.
  package var http2 = Limits()
  /// One request message, as sent and decompressed.
  package var messageBytesMax = 4 << 20
  /// Bytes of incomplete request messages on one connection; the call that goes over it is refused.
  package var partialRequestBytesMax = 64 << 20
  /// Reply bytes that wait to be written: above the first number new calls are refused, above the
  /// second the connection is closed.
  package var queuedReplyBytesHigh = 16 << 20
  package var queuedReplyBytesMax = 128 << 20
  /// From accepting a connection to its HTTP/2 preface and SETTINGS.
  package var prefaceTimeout = Duration.seconds(10)
  /// Without any call; then GOAWAY and close.
  package var idleTimeout = Duration.seconds(30 * 60)
  /// Replies wait to be written and the peer takes none; then the connection is closed.
  package var progressTimeout = Duration.seconds(30)
  /// Calls are open and nothing was received; then a ping, and if that is not answered in the
  /// second time, close.
  package var keepaliveInterval = Duration.seconds(120)
  package var keepaliveTimeout = Duration.seconds(20)

  package init() {}
}

extension Duration {
  /// Whole nanoseconds; 0 where negative, about 584 years at most.
  package var nanoseconds: UInt64 {
    let (seconds, attoseconds) = components
    guard seconds >= 0, attoseconds >= 0 else { return 0 }
    let (whole, overflow) = UInt64(seconds).multipliedReportingOverflow(by: 1_000_000_000)
    return overflow ? .max : whole &+ UInt64(attoseconds / 1_000_000_000)
  }
}
