package import HTTP2

/// gRPC's client side of one connection: calls in, bytes out; bytes in, replies out. Owns no socket and no clock.
///
/// A call goes
///
///     started ──response headers──► responding ──trailers──► ended
///        │                              │
///        └──trailers-only, reset, cancel, malformed, connection lost──► ended
///
/// and is told its end exactly once, by `.ended`, or by the return of `cancel`.
package final class ClientSession {
  /// One call's record; removed at its end, though its stream may close later.
  struct Call {
    let isStreaming: Bool
    let replyBytesMax: Int
    /// Nil: no response headers yet.
    var reader: MessageReader?
    var message: [UInt8]?
    var initialMetadata = Metadata()
    /// A streaming call's reader is paused: these bytes wait, and the peer's window stays closed for them.
    var isPaused = false
    var held: [UInt8] = []
    /// The end came while the reader was paused.
    var heldReply: ClientReply?
  }

  let limits: ClientLimits
  let session: Session
  var calls: [CallID: Call] = [:]
  private var events: [ClientEvent] = []
  private var nextEventIndex = 0
  /// Where the last call's end was told before its stream closed: those still count for the peer's limit.
  var openStreams: Set<CallID> = []
  var isGoingAway = false
  var timers: ClientTimers

  package init(limits: ClientLimits, now: UInt64) throws(SessionError) {
    self.limits = limits
    timers = ClientTimers(limits: limits, now: now)
    session = try Session(role: .client, limits: limits.http2)
  }

  // MARK: input

  /// How much `receive` takes at once.
  package static let inputBytesPerTurn = Session.inputBytesPerTurn

  /// Takes at most `inputBytesPerTurn` bytes from the peer. Then all events have to be taken.
  package func receive(_ bytes: RawSpan, now: UInt64) throws(SessionError) {
    timers.received(at: now)
    try session.receive(bytes, now: now)
  }

  /// The next thing to tell, or nil where there is none.
  package func nextEvent() -> ClientEvent? {
    while true {
      if nextEventIndex < events.count {
        let event = events[nextEventIndex]
        nextEventIndex += 1
        if nextEventIndex == events.count {
          events.removeAll(keepingCapacity: events.capacity <= 1_024)
          nextEventIndex = 0
        }
        return event
      }
      guard let event = session.nextEvent() else { return nil }
      handle(event)
    }
  }

  private func handle(_ event: Event) {
    switch event {
    case .headers(_, _, .informational, _), .headers(_, _, .request, _):
      // 1xx says nothing to gRPC; the real response follows.
      break
    case .headers(let stream, let block, .response, let endStream):
      respond(stream, ResponseHead(block), endStream: endStream)
    case .headers(let stream, let block, .trailers, _):
      finish(stream, Trailers(block))
    case .data(let stream, let bytes):
      received(bytes, on: stream)
    case .end(let stream):
      finish(stream, Trailers())
    case .closed(let stream, let code, let wasSent):
      closed(stream, code, wasSent: wasSent)
    case .writable(let stream):
      if calls[stream] != nil { events.append(.writable(stream)) }
    case .settings:
      if !timers.isEstablished {
        timers.isEstablished = true
        events.append(.ready)
      }
    case .pingAnswered:
      break
    case .goAway(_, let code, let message):
      isGoingAway = true
      events.append(
        .goAway(
          reason: message.isEmpty ? code.description : "\(code): \(message)",
          isTooManyPings: code == .enhanceYourCalm && message == "too_many_pings"))
    }
  }

  private func respond(_ stream: StreamID, _ head: ResponseHead, endStream: Bool) {
    guard calls[stream] != nil else { return }
    if endStream, head.trailers.status != nil {
      // Trailers-only: the first headers are the last.
      finish(stream, head.trailers)
    } else if head.httpStatus != 200 {
      fail(stream, .forHTTP(head.httpStatus))
    } else if !head.isGRPC {
      fail(
        stream,
        Status(
          .unknown, "the peer's content-type is \(head.hasContentType ? "not gRPC" : "missing")"))
    } else if endStream {
      fail(stream, Status(.unknown, "the peer answered without grpc-status"))
    } else if let encoding = head.unknownEncoding {
      fail(stream, Status(.internal, "the peer answered in the unknown grpc-encoding \(encoding)"))
    } else {
      calls[stream]!.initialMetadata = head.trailers.metadata
      calls[stream]!.reader = MessageReader(
        bytesMax: calls[stream]!.replyBytesMax, encoding: head.encoding)
    }
  }

  private func received(_ bytes: ArraySlice<UInt8>, on stream: StreamID) {
    if calls[stream]?.isPaused == true {
      calls[stream]!.held.append(contentsOf: bytes)
      return
    }
    session.consume(bytes.count, stream: stream)
    take(bytes, on: stream)
  }

  func take(_ bytes: ArraySlice<UInt8>, on stream: StreamID) {
    var bytes = bytes
    do throws(Status) {
      while !bytes.isEmpty, calls[stream]?.reader != nil {
        guard let message = try calls[stream]!.reader!.next(from: &bytes) else { return }
        if calls[stream]!.isStreaming {
          events.append(.message(stream, message))
        } else if calls[stream]!.message == nil {
          calls[stream]!.message = message
        } else {
          throw Status(.internal, "the peer answered a unary call with more than one message")
        }
      }
    } catch {
      fail(stream, error)
    }
  }

  private func finish(_ stream: StreamID, _ trailers: Trailers) {
    guard let call = calls[stream] else { return }
    var reply: ClientReply
    if let (status, origin) = trailers.status {
      reply = ClientReply(
        status: status, origin: origin, delivery: .maybeSent, message: call.message,
        trailingMetadata: trailers.metadata)
    } else {
      reply = .local(Status(.unknown, "the peer answered without grpc-status"), .maybeSent)
    }
    if reply.status.code == .ok {
      if call.reader?.isInsideMessage == true {
        reply = .local(Status(.internal, "the reply ended inside a message"), .maybeSent)
      } else if !call.isStreaming, call.message == nil {
        reply = .local(Status(.internal, "the peer answered OK without a message"), .maybeSent)
      }
    }
    end(stream, reply)
  }

  private func closed(_ stream: StreamID, _ code: ErrorCode, wasSent: Bool) {
    openStreams.remove(stream)
    guard let call = calls[stream], call.heldReply == nil else { return }
    // REFUSED_STREAM, or above a GOAWAY's last stream: by the RFC no application saw it (RFC 9113, section 8.7).
    let delivery: ClientReply.Delivery = wasSent && code != .refusedStream ? .maybeSent : .notSent
    end(stream, .local(.forReset(code), delivery))
  }

  /// Ends a call that the peer still thinks open.
  private func fail(_ stream: StreamID, _ status: Status) {
    session.reset(stream: stream, .cancel)
    end(stream, .local(status, .maybeSent))
  }

  func end(_ stream: StreamID, _ reply: ClientReply) {
    guard let call = calls[stream] else { return }
    var reply = reply
    reply.initialMetadata = call.initialMetadata
    if reply.origin == .peer {
      // The peer is done, and what we still had to say is not wanted.
      session.stopSending(stream: stream)
    }
    if call.isPaused, reply.origin == .peer {
      calls[stream]!.heldReply = reply
      return
    }
    forget(stream)
    events.append(.ended(stream, reply))
  }

  func forget(_ stream: CallID) {
    guard let call = calls.removeValue(forKey: stream) else { return }
    session.consume(call.held.count, stream: stream)
  }

  func endHeld(_ stream: CallID) {
    guard let reply = calls[stream]?.heldReply else { return }
    forget(stream)
    events.append(.ended(stream, reply))
  }
}
