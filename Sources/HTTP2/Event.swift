/// What one session has to tell its owner, in the order in which the peer caused it.
///
/// Blocks and bytes are views of the session's arena: who keeps one past the turn copies it, or
/// pays for the arena.
package enum Event: Sendable {
  /// A header block is complete: a request's, a response's, an informational (1xx) one, or
  /// trailers.
  case headers(stream: StreamID, HeaderBlock, HeadersKind, endStream: Bool)
  /// Bytes of a message body. Give them back with `Session.consume`, or the peer's window stays
  /// closed.
  case data(stream: StreamID, ArraySlice<UInt8>)
  /// The peer half-closed the stream after DATA.
  case end(stream: StreamID)
  /// The stream is gone. Last event of a stream; also for streams whose request never left
  /// (`wasSent` false).
  case closed(stream: StreamID, ErrorCode, wasSent: Bool)
  /// The stream's queued body fell to the low mark after it had been over the high mark.
  case writable(stream: StreamID)
  /// The peer's SETTINGS took effect.
  case settings
  /// The peer answered our ping.
  case pingAnswered
  /// The peer will take no stream above `lastStream`.
  case goAway(lastStream: StreamID, ErrorCode, message: String)
}

package typealias StreamID = Int32

/// The role of a header block in its stream.
package enum HeadersKind: Sendable {
  case request, response, informational, trailers
}
