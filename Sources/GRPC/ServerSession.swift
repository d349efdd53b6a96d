package import HTTP2

/// gRPC's server side of one connection: bytes in, calls out; replies in, bytes out. Owns no socket
/// and no clock.
///
/// A call goes
///
///     receiving ──message and end──► handling ──reply──► answered ──stream closed──► (gone)
///         │                             │
///         └──bad request: status────────┴──reset, deadline, connection lost: cancelled──► answered or (gone)
///
/// and a streaming call is in `handling` from its headers on.
package final class ServerSession {
  let limits: ServerLimits
  let methods: MethodTable
  let session: Session
  private var calls = StreamMap()
  /// The call looked up last: what follows mostly concerns the same one.
  private var lastCall: Call?
  var deadlines = DeadlineQueue()
  var events: [ServerEvent] = []
  private var nextEventIndex = 0
  /// Bytes in readers of calls that are not complete.
  var partialBytes = 0
  var timers: ServerTimers
  /// GOAWAY without a stream is out; what the client sent before it read that is still taken.
  var isShutdownAnnounced = false
  /// GOAWAY with the last stream is out.
  var isDraining = false
  /// The first bytes were not HTTP/2's preface.
  package private(set) var isForeign = false
  /// When the input being handled was received.
  var now: UInt64

  package init(methods: MethodTable, limits: ServerLimits, now: UInt64) throws(SessionError) {
    self.limits = limits
    self.methods = methods
    self.now = now
    timers = ServerTimers(limits: limits, now: now)
    session = try Session(role: .server, limits: limits.http2)
  }

  // MARK: input

  /// How much `receive` takes at once.
  package static let inputBytesPerTurn = Session.inputBytesPerTurn

  /// Takes at most `inputBytesPerTurn` bytes from the peer. Then all events have to be taken.
  package func receive(_ bytes: RawSpan, now: UInt64) throws(SessionError) {
    self.now = now
    timers.received(at: now)
    do throws(SessionError) {
      try session.receive(bytes, now: now)
    } catch {
      isForeign = error == .notHTTP2
      throw error
    }
  }

  /// The next thing to do, or nil where there is none.
  package func nextEvent() -> ServerEvent? {
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
      if let direct = handle(event) { return direct }
    }
  }

  /// Handles one HTTP/2 event; returns the most frequent of its consequences directly, the others
  /// by `events`.
  private func handle(_ event: Event) -> ServerEvent? {
    switch event {
    case .headers(let stream, let block, .request, let endStream):
      return open(stream, block, endStream: endStream)
    case .headers(let stream, _, _, let endStream):
      // A client's trailers say nothing to us but that it is done.
      return endStream ? ended(stream) : nil
    case .data(let stream, let bytes):
      received(bytes, on: stream)
      return nil
    case .end(let stream):
      return ended(stream)
    case .closed(let stream, _, _):
      return closed(stream)
    case .writable(let stream):
      return call(stream)?.phase == .handling ? .writable(stream) : nil
    case .settings:
      timers.isEstablished = true
      return nil
    case .pingAnswered:
      if isShutdownAnnounced { refuseNewCalls() }
      return nil
    case .goAway:
      return nil
    }
  }

  private func open(_ stream: StreamID, _ block: HeaderBlock, endStream: Bool) -> ServerEvent? {
    let head: RequestHead
    do throws(RequestHead.Rejection) {
      head = try RequestHead.parse(block, methods: methods, now: now)
    } catch {
      reject(stream, error)
      return nil
    }
    if session.queuedBytes > limits.queuedReplyBytesHigh {
      reject(
        stream,
        .status(Status(.resourceExhausted, "earlier replies on this connection are not read")))
      return nil
    }
    let call = Call(
      stream, head, kind: methods.methods[head.method].kind, bytesMax: limits.messageBytesMax)
    calls.insert(call, for: stream)
    lastCall = call
    if let deadline = head.deadline {
      deadlines.insert(call, deadline: deadline)
    }
    if call.kind == .streaming {
      events.append(.opened(stream, head))
    }
    return endStream ? ended(stream) : nil
  }

  private func received(_ bytes: ArraySlice<UInt8>, on stream: StreamID) {
    guard let call = call(stream) else {
      session.consume(bytes.count, stream: stream)
      return
    }
    if call.isPaused {
      call.held.append(contentsOf: bytes)
      return
    }
    session.consume(bytes.count, stream: stream)
    take(bytes, of: call)
  }

  /// Takes messages out of a call's bytes.
  func take(_ bytes: ArraySlice<UInt8>, of call: Call) {
    let before = call.partialBytes
    var failure: Status?
    do throws(Status) {
      try takeMessages(bytes, of: call)
    } catch {
      failure = error
    }
    partialBytes += call.partialBytes - before
    if failure == nil, partialBytes > limits.partialRequestBytesMax {
      failure = Status(.resourceExhausted, "too many incomplete requests on one connection")
    }
    if let failure { giveUp(call, failure) }
  }

  private func takeMessages(_ bytes: ArraySlice<UInt8>, of call: Call) throws(Status) {
    var bytes = bytes
    while !bytes.isEmpty, call.phase != .answered {
      guard let message = try call.reader.next(from: &bytes) else { return }
      if call.kind == .streaming {
        events.append(.message(call.id, message))
      } else if call.message == nil {
        call.message = message
      } else {
        throw Status(.internal, "a unary call with more than one message")
      }
    }
  }

  private func ended(_ stream: StreamID) -> ServerEvent? {
    guard let call = call(stream), call.phase != .answered else { return nil }
    if call.isPaused {
      call.hasHeldEnd = true
      return nil
    }
    if call.reader.isInsideMessage {
      giveUp(call, Status(.internal, "the request ended inside a message"))
      return nil
    }
    guard call.kind == .unary else {
      events.append(.halfClosed(stream))
      return nil
    }
    guard let message = call.message else {
      refuse(call, Status(.internal, "a unary call without a message"))
      return nil
    }
    partialBytes -= message.count
    call.message = nil
    call.phase = .handling
    return .unary(stream, call.head, message: message)
  }

  /// Answers a request that is malformed; who was given a part of it is told.
  private func giveUp(_ call: Call, _ status: Status) {
    if call.phase == .handling {
      events.append(.cancelled(call.id, .malformed))
    }
    refuse(call, status)
  }

  private func closed(_ stream: StreamID) -> ServerEvent? {
    guard let call = call(stream) else { return nil }
    let wasHandled = call.phase == .handling
    forget(call)
    return wasHandled ? .cancelled(stream, .byClient) : nil
  }

  var hasCalls: Bool { !calls.isEmpty }

  /// The record of a call that is not gone.
  func call(_ id: CallID) -> Call? {
    if let lastCall, lastCall.id == id { return lastCall }
    lastCall = calls[id].map { unsafeDowncast($0, to: Call.self) }
    return lastCall
  }

  /// Removes a call's record and what is counted for it.
  private func forget(_ call: Call) {
    lastCall = nil
    _ = calls.remove(call.id)
    partialBytes -= call.partialBytes
    session.consume(call.held.count, stream: call.id)
    call.phase = .answered
    if call.head.deadline != nil { deadlines.oneIsOver() }
  }

  /// Everything that was delivered and not answered is cancelled: the socket is gone.
  package func connectionLost() {
    for (id, _) in calls.sorted where call(id)?.phase == .handling {
      events.append(.cancelled(id, .connectionLost))
    }
    calls = StreamMap()
    lastCall = nil
  }
}
