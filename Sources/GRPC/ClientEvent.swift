/// What a client's session tells its owner.
package enum ClientEvent: Sendable {
  /// The peer's SETTINGS came: it speaks HTTP/2, and calls may start.
  case ready
  /// A message of a streaming call.
  case message(CallID, [UInt8])
  /// A streaming call has room again.
  case writable(CallID)
  /// A call has ended.
  case ended(CallID, ClientReply)
  /// The peer takes no new calls on this connection; `isTooManyPings`: because we pinged too often.
  case goAway(reason: String, isTooManyPings: Bool)
}
