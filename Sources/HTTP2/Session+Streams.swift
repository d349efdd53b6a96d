import CNGHTTP2

/// Requests, responses and bodies.
extension Session {
  /// What a message ends with.
  package enum BodyEnd: Sendable {
    /// More follows by `send` and `end`.
    case open
    /// Nothing follows the last byte.
    case endStream
    /// These trailers follow the last byte.
    case trailers(HeaderBlock)
  }

  /// Sends a request's headers and the first of its body. Client only.
  package func submitRequest(
    _ headers: HeaderBlock, body: [UInt8], end: BodyEnd
  ) throws(SessionError) -> StreamID {
    let outgoing = OutgoingBody(chunk: body, end: end.outgoing)
    var provider = Self.provider(for: outgoing)
    let stream = Self.withFields(headers, indexedLike: lastRequest) { fields, count in
      nghttp2_submit_request(handle, nil, fields, count, &provider, nil)
    }
    lastRequest = headers
    guard stream > 0 else { throw Self.error(stream) }
    mailbox.insert(outgoing, for: stream)
    return stream
  }

  /// Sends a response's headers, the first of its body (nil: none, then the headers end the
  /// stream). Where the stream is gone meanwhile nothing happens.
  package func submitResponse(
    stream: StreamID, _ headers: HeaderBlock, body: [UInt8]?, end: BodyEnd
  ) {
    guard let body else {
      _ = Self.withFields(headers) { fields, count in
        nghttp2_submit_response(handle, stream, fields, count, nil)
      }
      return
    }
    let outgoing = OutgoingBody(chunk: body, end: end.outgoing)
    var provider = Self.provider(for: outgoing)
    let result = Self.withFields(headers) { fields, count in
      nghttp2_submit_response(handle, stream, fields, count, &provider)
    }
    guard result == 0 else { return }
    mailbox.insert(outgoing, for: stream)
  }

  /// Queues more of a body that was left open. False where the stream is gone.
  @discardableResult
  package func send(_ chunk: [UInt8], stream: StreamID) -> Bool {
    guard let body = mailbox.body(of: stream), case .open = body.end else { return false }
    body.append(chunk)
    mailbox.queuedBytes += chunk.count
    resume(body, stream: stream)
    return true
  }

  /// Ends a body that was left open. False where the stream is gone or ended.
  @discardableResult
  package func end(stream: StreamID, _ end: BodyEnd) -> Bool {
    guard let body = mailbox.body(of: stream), case .open = body.end else { return false }
    body.end = end.outgoing
    resume(body, stream: stream)
    return true
  }

  /// Whether the stream's queue has room; once false, `Event.writable` follows.
  package func isWritable(stream: StreamID) -> Bool {
    guard let body = mailbox.body(of: stream) else { return false }
    if body.queuedBytes >= mailbox.limits.streamQueueHighBytes {
      body.wasOverHighMark = true
    }
    return !body.wasOverHighMark
  }

  /// Body bytes queued on one stream.
  package func queuedBytes(stream: StreamID) -> Int {
    mailbox.body(of: stream)?.queuedBytes ?? 0
  }

  /// A request's headers are in bytes that `drain` handed out. Client only.
  package func wasSent(stream: StreamID) -> Bool {
    mailbox.body(of: stream)?.areHeadersSent ?? true
  }

  /// Resets a stream on which we have more to send, and no other.
  package func stopSending(stream: StreamID) {
    if nghttp2_session_get_stream_local_close(handle, stream) == 0 {
      reset(stream: stream, .cancel)
    }
  }

  package func reset(stream: StreamID, _ code: ErrorCode) {
    nghttp2_submit_rst_stream(handle, 0, stream, code.rawValue)
  }

  private func resume(_ body: OutgoingBody, stream: StreamID) {
    guard body.isDeferred else { return }
    body.isDeferred = false
    nghttp2_session_resume_data(handle, stream)
  }

  /// nghttp2 copies names and values while it submits, so views are enough.
  ///
  /// A field that `earlier` had with another value stays out of HPACK's table: it would push out
  /// those that repeat.
  static func withFields<R>(
    _ block: HeaderBlock, indexedLike earlier: HeaderBlock? = nil,
    _ submit: (UnsafeMutablePointer<nghttp2_nv>?, Int) -> R
  ) -> R {
    withUnsafeTemporaryAllocation(of: nghttp2_nv.self, capacity: block.count) { fields in
      block.withStorage { storage in
        guard let start = storage.baseAddress else { return submit(nil, 0) }
        let bytes = UnsafeMutableRawPointer(mutating: start).assumingMemoryBound(to: UInt8.self)
        var index = 0
        block.forEachRange { name, value in
          fields.initializeElement(
            at: index,
            to: nghttp2_nv(
              name: bytes + name.lowerBound, value: bytes + value.lowerBound, namelen: name.count,
              valuelen: value.count, flags: UInt8(NGHTTP2_NV_FLAG_NONE.rawValue)))
          index += 1
        }
        if let earlier { Self.markChanged(fields, since: earlier) }
        return submit(fields.baseAddress, block.count)
      }
    }
  }
}

extension Session {
  private static func markChanged(
    _ fields: UnsafeMutableBufferPointer<nghttp2_nv>, since earlier: HeaderBlock
  ) {
    var index = 0
    earlier.forEach { name, value in
      guard index < fields.count else { return }
      let field = fields[index]
      let newName = UnsafeBufferPointer(start: field.name, count: field.namelen).span
      let newValue = UnsafeBufferPointer(start: field.value, count: field.valuelen).span
      if name.isEqual(to: newName), !value.isEqual(to: newValue) {
        fields[index].flags |= UInt8(NGHTTP2_NV_FLAG_NO_INDEX.rawValue)
      }
      index += 1
    }
  }
}

extension Session.BodyEnd {
  var outgoing: OutgoingBody.End {
    switch self {
    case .open: .open
    case .endStream: .endStream
    case .trailers(let block): .trailers(block)
    }
  }
}
