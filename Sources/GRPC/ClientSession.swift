package import HTTP2

/// gRPC's client side of one connection: calls in, bytes out; bytes in, replies out. Owns no socket
/// and no clock.
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
  final class Call {
    let isStreaming: Bool
    let replyBytesMax: Int
    /// Nil: no response headers yet.
    var reader: MessageReader?
    var message: [UInt8]?
    var initialMetadata = Metadata()
    /// A streaming call's reader is paused: these bytes wait, and the peer's window stays closed
    /// for them.
    var isPaused = false
    var held: [UInt8] = []
    /// The end came while the reader was paused.
    var heldReply: ClientReply?

    init(isStreaming: Bool, replyBytesMax: Int) {
      self.isStreaming = isStreaming
      self.replyBytesMax = replyBytesMax
    }
  }

  let limits: ClientLimits
  let session: Session
  private var calls = StreamMap()
  var events: [ClientEvent] = []
  private var nextEventIndex = 0
  /// Calls that are not ended, and streams of ended ones that are not closed: those still count for
  /// the peer's limit.
  package private(set) var openCount = 0
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
      if call(stream) != nil { events.append(.writable(stream)) }
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
    guard let call = call(stream) else { return }
    if endStream, head.trailers.status != nil {
      // Trailers-only: the first headers are the last.
      finish(stream, head.trailers)
    } else if head.httpStatus != 200 {
      fail(call, stream, .forHTTP(head.httpStatus))
    } else if !head.isGRPC {
      fail(
        call, stream,
        Status(
          .unknown, "the peer's content-type is \(head.hasContentType ? "not gRPC" : "missing")"))
    } else if endStream {
      fail(call, stream, Status(.unknown, "the peer answered without grpc-status"))
    } else if let encoding = head.unknownEncoding {
      fail(
        call, stream,
        Status(.internal, "the peer answered in the unknown grpc-encoding \(encoding)"))
    } else {
      call.initialMetadata = head.trailers.metadata
      call.reader = MessageReader(bytesMax: call.replyBytesMax, encoding: head.encoding)
    }
  }

  private func received(_ bytes: ArraySlice<UInt8>, on stream: StreamID) {
    let call = call(stream)
    if let call, call.isPaused {
      call.held.append(contentsOf: bytes)
      return
    }
    session.consume(bytes.count, stream: stream)
    if let call { take(bytes, of: call, stream) }
  }

  /// Takes messages out of a call's bytes.
  func take(_ bytes: ArraySlice<UInt8>, of call: Call, _ stream: StreamID) {
    var bytes = bytes
    do throws(Status) {
      while !bytes.isEmpty, call.reader != nil {
        guard let message = try call.reader!.next(from: &bytes) else { return }
        if call.isStreaming {
          events.append(.message(stream, message))
        } else if call.message == nil {
          call.message = message
        } else {
          throw Status(.internal, "the peer answered a unary call with more than one message")
        }
      }
    } catch {
      fail(call, stream, error)
    }
  }

  private func finish(_ stream: StreamID, _ trailers: Trailers) {
    guard let call = call(stream) else { return }
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
    end(call, stream, reply)
  }

  private func closed(_ stream: StreamID, _ code: ErrorCode, wasSent: Bool) {
    openCount -= 1
    guard let call = call(stream), call.heldReply == nil else { return }
    // REFUSED_STREAM, or above a GOAWAY's last stream: by the RFC no application saw it (RFC 9113,
    // section 8.7).
    let delivery: ClientReply.Delivery = wasSent && code != .refusedStream ? .maybeSent : .notSent
    end(call, stream, .local(.forReset(code), delivery))
  }

  /// Ends a call that the peer still thinks open.
  private func fail(_ call: Call, _ stream: StreamID, _ status: Status) {
    session.reset(stream: stream, .cancel)
    end(call, stream, .local(status, .maybeSent))
  }

  func end(_ call: Call, _ stream: StreamID, _ reply: consuming ClientReply) {
    reply.initialMetadata = call.initialMetadata
    if reply.origin == .peer {
      // The peer is done, and what we still had to say is not wanted.
      session.stopSending(stream: stream)
    }
    if call.isPaused, reply.origin == .peer {
      call.heldReply = reply
      return
    }
    forget(call, stream)
    events.append(.ended(stream, reply))
  }

  // MARK: records

  /// The record of a call that has not ended.
  func call(_ id: CallID) -> Call? {
    calls[id].map { unsafeDowncast($0, to: Call.self) }
  }

  func remember(_ call: Call, _ id: CallID) {
    openCount += 1
    calls.insert(call, for: id)
  }

  func forget(_ call: Call, _ id: CallID) {
    _ = calls.remove(id)
    session.consume(call.held.count, stream: id)
  }

  package var hasCalls: Bool { !calls.isEmpty }

  /// Calls that have not ended, in the order of their beginning.
  var callsUnderWay: [CallID] { calls.sorted.map(\.stream) }
}
