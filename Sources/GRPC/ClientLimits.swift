package import HTTP2

/// What a client accepts on one connection, and for how long it waits.
package struct ClientLimits: Sendable {
  /// Limits of HTTP/2 itself.
  package var http2 = Limits()
  /// Calls under way on one connection, where the peer itself allows more.
  package var concurrentCallsMax = 1_000
  /// From connecting to the peer's HTTP/2 SETTINGS.
  package var connectTimeout = Duration.seconds(5)
  /// Without any call; then the connection is closed.
  package var idleTimeout = Duration.seconds(300)
  /// Calls are open and nothing was received for the first time; then a ping, and if that is not
  /// answered within the second, the connection is closed. Servers take pings more often than every
  /// 5 minutes for abuse (gRFC A8).
  package var keepaliveInterval = Duration.seconds(300)
  package var keepaliveTimeout = Duration.seconds(20)

  package init() {}
}
