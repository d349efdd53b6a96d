/// What a session accepts of its peer. nghttp2 1.52 enforces some, the session counts the others.
package struct Limits: Sendable {
  /// Streams that the peer may have open at once; always announced, since HTTP/2's own default is
  /// unlimited.
  package var concurrentStreamsMax: UInt32 = 1_024
  /// Bytes a peer may send on one stream before we consumed any.
  package var streamWindowBytes: Int32 = 256 << 10
  /// Bytes a peer may send on all streams together before we consumed any.
  package var connectionWindowBytes: Int32 = 4 << 20
  /// Sum of names and values of one header block; over it the stream is reset and nothing
  /// remembered.
  package var headerBlockBytesMax = 16 << 10
  /// CONTINUATION frames behind one HEADERS frame; one more closes the connection.
  package var continuationsMax = 8
  /// RST_STREAM frames that the peer may send at once, and how many are regained a second.
  package var resetsReceivedBurst: UInt64 = 1_000
  package var resetsReceivedPerSecond: UInt64 = 200
  /// RST_STREAM frames that the peer may make us send in an interval (it provokes them by its own
  /// errors).
  package var resetsSentMax = 500
  /// PING frames without ACK in an interval. gRPC clients measure their bandwidth with pings: some
  /// dozens a second.
  package var pingsMax = 500
  /// SETTINGS frames without ACK in an interval.
  package var settingsMax = 50
  /// Empty DATA frames that do not end a stream, in an interval.
  package var emptyDataMax = 500
  /// PRIORITY frames and frames of unknown type in an interval.
  package var idleFramesMax = 500
  /// WINDOW_UPDATE frames in an interval.
  package var windowUpdatesMax = 50_000
  /// What "in an interval" means above, in nanoseconds.
  package var intervalNanoseconds: UInt64 = 1_000_000_000
  /// Answers to PING and SETTINGS that wait to be written; one more closes the connection. More
  /// than the pings and settings allowed in an interval and in one more turn of input, so that who
  /// reads is told GOAWAY.
  package var outboundAcknowledgementsMax = 4_000
  /// Queued body bytes of one stream above which it says that it is not writable, and below which
  /// it is again.
  package var streamQueueHighBytes = 64 << 10
  package var streamQueueLowBytes = 16 << 10

  package init() {}
}
