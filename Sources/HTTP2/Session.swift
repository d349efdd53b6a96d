import CNGHTTP2

/// One HTTP/2 connection's protocol, by nghttp2: bytes in, events out; headers and bodies in, bytes
/// out.
///
/// It owns no socket and no clock and is not thread-safe: its owner feeds `receive`, takes all
/// events, submits what it has to say, and then drains the output. All of nghttp2's pointers are in
/// this type and its extensions; the callbacks only append to its `Mailbox`.
package final class Session {
  package enum Role: Sendable {
    case client, server
  }

  package let role: Role
  let mailbox: Mailbox
  let handle: OpaquePointer
  /// A GOAWAY that ends the session is queued: input is no longer looked at.
  package private(set) var isTerminating = false
  var lastRequest: HeaderBlock?

  /// Makes a session with its SETTINGS (and, for a client, the preface) queued as first output.
  package init(role: Role, limits: Limits) throws(SessionError) {
    self.role = role
    let mailbox = Mailbox(limits: limits, isServer: role == .server)
    self.mailbox = mailbox
    handle = try Self.makeHandle(role: role, limits: limits, mailbox: mailbox)
    try submitSettings(limits)
  }

  deinit {
    nghttp2_session_del(handle)
  }

  // MARK: input

  /// Input is fed in pieces of at most this size, so that one turn's arena stays small (a few bytes
  /// of HPACK may stand for kilobytes).
  package static let inputBytesPerTurn = 16 << 10

  /// Takes bytes from the peer, at most `inputBytesPerTurn`. Then all events have to be taken.
  package func receive(_ bytes: RawSpan, now: UInt64) throws(SessionError) {
    guard !isTerminating, bytes.byteCount > 0 else { return }
    mailbox.flood.advance(to: now)
    let result = bytes.withUnsafeBytes { buffer in
      nghttp2_session_mem_recv(
        handle, buffer.baseAddress?.assumingMemoryBound(to: UInt8.self), buffer.count)
    }
    if result < 0 {
      throw Self.error(Int32(result))
    }
    calmDownIfFlooded()
  }

  /// The next event, or nil where none is left; then the views that earlier events carried are
  /// void.
  package func nextEvent() -> Event? {
    mailbox.takeEvent()
  }

  /// Returns `count` bytes of DATA to the peer's windows, of the stream and of the connection.
  package func consume(_ count: Int, stream: StreamID) {
    guard count > 0 else { return }
    nghttp2_session_consume(handle, stream, count)
  }

  // MARK: output

  /// Hands the bytes to be written to `write`, frame by frame, until there are none or `budget`
  /// bytes are out. Returns whether something is left.
  package func drain(
    budget: Int, _ write: (UnsafeRawBufferPointer) -> Void
  ) throws(SessionError) -> Bool {
    var sent = 0
    while sent < budget {
      var bytes: UnsafePointer<UInt8>?
      let count = nghttp2_session_mem_send(handle, &bytes)
      if count < 0 {
        throw Self.error(Int32(count))
      }
      guard count > 0 || stopAnsweredRequests() else {
        mailbox.bytesSent &+= UInt64(sent)
        calmDownIfFlooded()
        return false
      }
      write(UnsafeRawBufferPointer(start: bytes, count: count))
      sent += count
    }
    mailbox.bytesSent &+= UInt64(sent)
    calmDownIfFlooded()
    return true
  }

  /// A response may be whole before its request is: then the client is told that nobody listens any
  /// more (RFC 9113, section 8.1). Says whether there was one.
  private func stopAnsweredRequests() -> Bool {
    var stopped = false
    for stream in mailbox.answeredStreams
    where nghttp2_session_get_stream_remote_close(handle, stream) == 0 {
      reset(stream: stream, .noError)
      stopped = true
    }
    mailbox.answeredStreams.removeAll(keepingCapacity: true)
    return stopped
  }

  /// Whether nghttp2 has something to write.
  package var wantsWrite: Bool { nghttp2_session_want_write(handle) != 0 }

  /// Nothing more to read or write: the socket is to be closed.
  package var isFinished: Bool {
    nghttp2_session_want_read(handle) == 0 && nghttp2_session_want_write(handle) == 0
  }

  /// Body bytes that wait in streams, for the owner's cap on queued output.
  package var queuedBytes: Int { mailbox.queuedBytes }

  /// Bytes handed out by `drain` since the start; grows while the peer reads.
  package var bytesSent: UInt64 { mailbox.bytesSent }

  /// The part of `bytesSent` that was message bodies: pings are no progress.
  package var bodyBytesSent: UInt64 { mailbox.bodyBytesSent }

  /// What the peer did too often, where the session ended for it.
  package var floodDescription: String? {
    mailbox.flood.exceeded.map { "\($0)" }
  }

  // MARK: connection

  /// Streams that the peer lets us have open at once.
  package var peerConcurrentStreamsMax: UInt32 {
    nghttp2_session_get_remote_settings(handle, NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS)
  }

  /// The next stream can still be opened: no GOAWAY came, and ids are left.
  package var mayOpenStreams: Bool {
    nghttp2_session_check_request_allowed(handle) != 0
      && nghttp2_session_get_next_stream_id(handle) < 0x7fff_ff00
  }

  package func ping() {
    nghttp2_submit_ping(handle, 0, nil)
  }

  /// First step of a graceful end: a GOAWAY that names no stream yet, so that requests under way
  /// still count.
  package func announceShutdown() {
    nghttp2_submit_shutdown_notice(handle)
  }

  /// Second step: a GOAWAY with the last stream that was taken; later ones are refused.
  package func refuseNewStreams() {
    let last = nghttp2_session_get_last_proc_stream_id(handle)
    nghttp2_submit_goaway(handle, 0, last, ErrorCode.noError.rawValue, nil, 0)
  }

  /// Ends the session: a last GOAWAY is queued, all other input is ignored. Drain, then close the
  /// socket.
  package func terminate(_ code: ErrorCode) {
    guard !isTerminating else { return }
    isTerminating = true
    nghttp2_session_terminate_session(handle, code.rawValue)
  }

  private func calmDownIfFlooded() {
    if mailbox.flood.exceeded != nil {
      terminate(.enhanceYourCalm)
    }
  }

  static func error(_ code: Int32) -> SessionError {
    switch nghttp2_error(rawValue: code) {
    case NGHTTP2_ERR_BAD_CLIENT_MAGIC: .notHTTP2
    case NGHTTP2_ERR_FLOODED: .floodedWithAcknowledgements
    case NGHTTP2_ERR_TOO_MANY_CONTINUATIONS: .tooManyContinuations
    default: .fatal(code: code, message: String(cString: nghttp2_strerror(code)))
    }
  }
}
