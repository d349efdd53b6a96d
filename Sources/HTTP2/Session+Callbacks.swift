import CNGHTTP2

/// The C side: nghttp2's callbacks, which append to the mailbox and answer from it, and decide
/// nothing else.
extension Session {
  static func makeHandle(
    role: Role, limits: Limits, mailbox: Mailbox
  ) throws(SessionError) -> OpaquePointer {
    var callbacks: OpaquePointer?
    var option: OpaquePointer?
    guard nghttp2_session_callbacks_new(&callbacks) == 0, nghttp2_option_new(&option) == 0 else {
      throw error(NGHTTP2_ERR_NOMEM.rawValue)
    }
    defer {
      nghttp2_session_callbacks_del(callbacks)
      nghttp2_option_del(option)
    }
    setReceiving(callbacks)
    setSending(callbacks)
    nghttp2_option_set_no_auto_window_update(option, 1)
    nghttp2_option_set_no_closed_streams(option, 1)
    nghttp2_option_set_max_continuations(option, limits.continuationsMax)
    nghttp2_option_set_max_outbound_ack(option, limits.outboundAcknowledgementsMax)
    nghttp2_option_set_stream_reset_rate_limit(
      option, limits.resetsReceivedBurst, limits.resetsReceivedPerSecond)
    nghttp2_option_set_max_reserved_remote_streams(option, 0)
    // gRPC's C library sends a grpc-message that ends in a space as it is, which RFC 9113, section
    // 8.2.1, calls malformed: a refusal would come as a broken stream.
    nghttp2_option_set_no_rfc9113_leading_and_trailing_ws_validation(option, 1)

    var handle: OpaquePointer?
    let context = Unmanaged.passUnretained(mailbox).toOpaque()
    let result =
      switch role {
      case .client: nghttp2_session_client_new2(&handle, callbacks, context, option)
      case .server: nghttp2_session_server_new2(&handle, callbacks, context, option)
      }
    guard result == 0, let handle else { throw error(result) }
    return handle
  }

  func submitSettings(_ limits: Limits) throws(SessionError) {
    var entries = [
      nghttp2_settings_entry(
        settings_id: Int32(NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS.rawValue),
        value: role == .server ? limits.concurrentStreamsMax : 0),
      nghttp2_settings_entry(
        settings_id: Int32(NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE.rawValue),
        value: UInt32(limits.streamWindowBytes)),
      nghttp2_settings_entry(
        settings_id: Int32(NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE.rawValue),
        value: UInt32(limits.headerBlockBytesMax)),
    ]
    switch role {
    case .server:
      // Without the RFC 7540 tree there is nothing that PRIORITY frames could build.
      entries.append(
        nghttp2_settings_entry(
          settings_id: Int32(NGHTTP2_SETTINGS_NO_RFC7540_PRIORITIES.rawValue), value: 1))
    case .client:
      entries.append(
        nghttp2_settings_entry(
          settings_id: Int32(NGHTTP2_SETTINGS_ENABLE_PUSH.rawValue), value: 0))
    }
    let result = nghttp2_submit_settings(handle, 0, entries, entries.count)
    guard result == 0 else { throw Self.error(result) }
    let window = nghttp2_session_set_local_window_size(handle, 0, 0, limits.connectionWindowBytes)
    guard window == 0 else { throw Self.error(window) }
  }

  static func provider(for body: OutgoingBody) -> nghttp2_data_provider {
    nghttp2_data_provider(
      source: nghttp2_data_source(ptr: Unmanaged.passUnretained(body).toOpaque()),
      read_callback: { handle, stream, target, count, flags, source, context in
        guard let pointer = source?.pointee.ptr, let handle, let flags else {
          return Int(NGHTTP2_ERR_CALLBACK_FAILURE.rawValue)
        }
        let body = Unmanaged<OutgoingBody>.fromOpaque(pointer).takeUnretainedValue()
        return Session.read(
          body, stream: stream, into: UnsafeMutableRawBufferPointer(start: target, count: count),
          flags: flags, handle: handle, mailbox: Session.mailbox(context))
      })
  }

  private static func mailbox(_ context: UnsafeMutableRawPointer?) -> Mailbox {
    Unmanaged<Mailbox>.fromOpaque(context!).takeUnretainedValue()
  }

  /// As `mailbox`, without counting a reference: callbacks come some thirty times a call, and the
  /// session outlives them.
  private static func withMailbox<R>(
    _ context: UnsafeMutableRawPointer?, _ body: (Mailbox) -> R
  ) -> R {
    Unmanaged<Mailbox>.fromOpaque(context!)._withUnsafeGuaranteedRef(body)
  }

  private static func read(
    _ body: OutgoingBody, stream: StreamID, into target: UnsafeMutableRawBufferPointer,
    flags: UnsafeMutablePointer<UInt32>, handle: OpaquePointer, mailbox: Mailbox
  ) -> Int {
    let count = body.read(into: target)
    mailbox.sent(count, of: body, stream: stream)
    guard body.queuedBytes == 0 else { return count }
    switch body.end {
    case .open:
      if count == 0 {
        body.isDeferred = true
        return Int(NGHTTP2_ERR_DEFERRED.rawValue)
      }
    case .endStream:
      flags.pointee |= NGHTTP2_DATA_FLAG_EOF.rawValue
    case .trailers(let block):
      flags.pointee |= NGHTTP2_DATA_FLAG_EOF.rawValue | NGHTTP2_DATA_FLAG_NO_END_STREAM.rawValue
      _ = withFields(block) { nghttp2_submit_trailer(handle, stream, $0, $1) }
    }
    return count
  }

  // MARK: receiving

  private static func setReceiving(_ callbacks: OpaquePointer?) {
    nghttp2_session_callbacks_set_on_begin_frame_callback(callbacks) { _, header, context in
      guard let header else { return 0 }
      Session.withMailbox(context) { Session.count(header.pointee, in: $0) }
      return 0
    }
    nghttp2_session_callbacks_set_on_begin_headers_callback(callbacks) { _, _, context in
      Session.withMailbox(context) { $0.beginHeaders() }
      return 0
    }
    nghttp2_session_callbacks_set_on_header_callback(callbacks) {
      handle, frame, name, nameCount, value, valueCount, _, context in
      let name = UnsafeBufferPointer(start: name, count: nameCount)
      let value = UnsafeBufferPointer(start: value, count: valueCount)
      if Session.withMailbox(context, { $0.appendField(name: name, value: value) }) { return 0 }
      if let frame {
        nghttp2_submit_rst_stream(
          handle, 0, frame.pointee.hd.stream_id, ErrorCode.enhanceYourCalm.rawValue)
      }
      return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE.rawValue
    }
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks) {
      _, _, stream, data, count, context in
      Session.withMailbox(context) {
        $0.appendBytes(.data, stream: stream, UnsafeBufferPointer(start: data, count: count))
      }
      return 0
    }
    nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks) { _, frame, context in
      guard let frame else { return 0 }
      Session.withMailbox(context) { Session.frameReceived(frame, in: $0) }
      return 0
    }
    nghttp2_session_callbacks_set_on_stream_close_callback(callbacks) { _, stream, code, context in
      Session.withMailbox(context) { $0.streamClosed(stream, ErrorCode(rawValue: code)) }
      return 0
    }
  }

  private static func count(_ header: nghttp2_frame_hd, in mailbox: Mailbox) {
    let isAcknowledgement = header.flags & UInt8(NGHTTP2_FLAG_ACK.rawValue) != 0
    switch nghttp2_frame_type(UInt32(header.type)) {
    case NGHTTP2_DATA:
      if header.length == 0, header.flags & UInt8(NGHTTP2_FLAG_END_STREAM.rawValue) == 0 {
        mailbox.flood.count(.emptyData)
      }
    case NGHTTP2_PING:
      if !isAcknowledgement { mailbox.flood.count(.ping) }
    case NGHTTP2_SETTINGS:
      if !isAcknowledgement { mailbox.flood.count(.settings) }
    case NGHTTP2_WINDOW_UPDATE:
      mailbox.flood.count(.windowUpdate)
    case NGHTTP2_HEADERS, NGHTTP2_CONTINUATION, NGHTTP2_RST_STREAM, NGHTTP2_GOAWAY:
      break
    default:
      mailbox.flood.count(.idleFrame)
    }
  }

  private static func frameReceived(_ frame: UnsafePointer<nghttp2_frame>, in mailbox: Mailbox) {
    let header = frame.pointee.hd
    let stream = header.stream_id
    let endStream = header.flags & UInt8(NGHTTP2_FLAG_END_STREAM.rawValue) != 0
    let isAcknowledgement = header.flags & UInt8(NGHTTP2_FLAG_ACK.rawValue) != 0
    switch nghttp2_frame_type(UInt32(header.type)) {
    case NGHTTP2_HEADERS:
      mailbox.finishHeaders(
        stream: stream, endStream: endStream, category: frame.pointee.headers.cat)
    case NGHTTP2_DATA:
      if endStream { mailbox.append(.end, stream: stream) }
    case NGHTTP2_SETTINGS:
      if !isAcknowledgement { mailbox.append(.settings) }
    case NGHTTP2_PING:
      if isAcknowledgement { mailbox.append(.pingAnswered) }
    case NGHTTP2_GOAWAY:
      let text = UnsafeBufferPointer(
        start: frame.pointee.goaway.opaque_data,
        count: min(frame.pointee.goaway.opaque_data_len, 256))
      mailbox.appendBytes(
        .goAway(ErrorCode(rawValue: frame.pointee.goaway.error_code)),
        stream: frame.pointee.goaway.last_stream_id, text)
    default:
      break
    }
  }

  // MARK: sending

  private static func setSending(_ callbacks: OpaquePointer?) {
    nghttp2_session_callbacks_set_on_frame_send_callback(callbacks) { _, frame, context in
      guard let frame else { return 0 }
      let mailbox = Session.mailbox(context)
      switch nghttp2_frame_type(UInt32(frame.pointee.hd.type)) {
      case NGHTTP2_HEADERS:
        if !mailbox.isServer {
          mailbox.body(of: frame.pointee.hd.stream_id)?.areHeadersSent = true
        } else if frame.pointee.hd.flags & UInt8(NGHTTP2_FLAG_END_STREAM.rawValue) != 0 {
          mailbox.answeredStreams.append(frame.pointee.hd.stream_id)
        }
      case NGHTTP2_RST_STREAM:
        if mailbox.isServer { mailbox.flood.count(.resetSent) }
      default:
        break
      }
      return 0
    }
    nghttp2_session_callbacks_set_on_frame_not_send_callback(callbacks) {
      handle, frame, _, context in
      guard let frame, nghttp2_frame_type(UInt32(frame.pointee.hd.type)) == NGHTTP2_HEADERS else {
        return 0
      }
      let mailbox = Session.mailbox(context)
      let stream = frame.pointee.hd.stream_id
      if let request = mailbox.body(of: stream), !mailbox.isServer {
        if !request.areHeadersSent { mailbox.streamClosed(stream, .refusedStream) }
      } else if mailbox.isServer {
        // Headers or trailers over nghttp2's own limit: better a reset than a client that waits.
        nghttp2_submit_rst_stream(handle, 0, stream, ErrorCode.internalError.rawValue)
      }
      return 0
    }
  }
}

extension Mailbox {
  fileprivate func finishHeaders(
    stream: StreamID, endStream: Bool, category: nghttp2_headers_category
  ) {
    let kind: HeadersKind =
      switch (category, statusClass) {
      case (NGHTTP2_HCAT_REQUEST, _): .request
      case (_, UInt8(ascii: "1")): .informational
      // A final response behind an informational one has the category of trailers.
      case (_, .some): .response
      case (_, nil): .trailers
      }
    finishHeaders(stream: stream, kind: kind, endStream: endStream)
  }
}
