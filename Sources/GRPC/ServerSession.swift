package import HTTP2

/// gRPC's server side of one connection: bytes in, calls out; replies in, bytes out. Owns no socket and no clock.
///
/// A call goes
///
///     receiving ──message and end──► handling ──reply──► answered ──stream closed──► (gone)
///         │                             │
///         └──bad request: status────────┴──reset, deadline, connection lost: cancelled──► answered or (gone)
///
/// and a streaming call is in `handling` from its headers on.
package final class ServerSession {
  /// One call's record.
  struct Call {
    enum Phase {
      /// A unary request is not complete. Moves to: handling, answered, gone.
      case receiving
      /// Delivered; our answer is awaited. Moves to: answered, gone.
      case handling
      /// Answered; the stream is not closed yet. Moves to: gone.
      case answered
    }

    var phase: Phase
    let head: RequestHead
    let kind: MethodTable.Kind
    var reader: MessageReader
    /// A unary request's message, until END_STREAM says that it is the only one.
    var message: [UInt8]?
    /// A streaming response has begun.
    var sentHeaders = false
    /// A streaming call's reader is paused: these bytes wait, and the peer's window stays closed for them.
    var isPaused = false
    var held: [UInt8] = []
    var heldEnd = false

    /// Bytes held of a request that is not complete.
    var partialBytes: Int { reader.bufferedBytes + (message?.count ?? 0) }
  }

  let limits: ServerLimits
  let methods: MethodTable
  let session: Session
  var calls: [CallID: Call] = [:]
  var deadlines = DeadlineQueue<CallID>()
  var events: [ServerEvent] = []
  private var nextEventIndex = 0
  /// Bytes in readers of calls that are not complete.
  var partialBytes = 0
  var timers: ServerTimers
  /// GOAWAY without a stream is out; what the client sent before it read that is still taken.
  var isShutdownAnnounced = false
  /// GOAWAY with the last stream is out.
  var isDraining = false
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
    try session.receive(bytes, now: now)
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

  /// Handles one HTTP/2 event; returns the most frequent of its consequences directly, the others by `events`.
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
      return calls[stream]?.phase == .handling ? .writable(stream) : nil
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
    let kind = methods.methods[head.method].kind
    calls[stream] = Call(
      phase: kind == .unary ? .receiving : .handling, head: head, kind: kind,
      reader: MessageReader(bytesMax: limits.messageBytesMax, encoding: head.encoding))
    if let deadline = head.deadline {
      deadlines.insert(stream, deadline: deadline)
    }
    if kind == .streaming {
      events.append(.opened(stream, head))
    }
    return endStream ? ended(stream) : nil
  }

  private func received(_ bytes: ArraySlice<UInt8>, on stream: StreamID) {
    guard calls[stream] != nil else {
      session.consume(bytes.count, stream: stream)
      return
    }
    if calls[stream]!.isPaused {
      calls[stream]!.held.append(contentsOf: bytes)
      return
    }
    session.consume(bytes.count, stream: stream)
    take(bytes, on: stream)
  }

  /// Takes messages out of a call's bytes.
  func take(_ bytes: ArraySlice<UInt8>, on stream: StreamID) {
    guard let before = calls[stream]?.partialBytes else { return }
    var failure: Status?
    do throws(Status) {
      try takeMessages(bytes, on: stream)
    } catch {
      failure = error
    }
    partialBytes += calls[stream]!.partialBytes - before
    if failure == nil, partialBytes > limits.partialRequestBytesMax {
      failure = Status(.resourceExhausted, "too many incomplete requests on one connection")
    }
    if let failure { refuse(stream, failure) }
  }

  private func takeMessages(_ bytes: ArraySlice<UInt8>, on stream: StreamID) throws(Status) {
    var bytes = bytes
    while !bytes.isEmpty, calls[stream]!.phase != .answered {
      guard let message = try calls[stream]!.reader.next(from: &bytes) else { return }
      if calls[stream]!.kind == .streaming {
        events.append(.message(stream, message))
      } else if calls[stream]!.message == nil {
        calls[stream]!.message = message
      } else {
        throw Status(.internal, "a unary call with more than one message")
      }
    }
  }

  private func ended(_ stream: StreamID) -> ServerEvent? {
    guard let call = calls[stream], call.phase != .answered else { return nil }
    if call.isPaused {
      calls[stream]!.heldEnd = true
      return nil
    }
    if call.reader.isInsideMessage {
      refuse(stream, Status(.internal, "the request ended inside a message"))
      return nil
    }
    guard call.kind == .unary else {
      events.append(.halfClosed(stream))
      return nil
    }
    guard let message = call.message else {
      refuse(stream, Status(.internal, "a unary call without a message"))
      return nil
    }
    partialBytes -= message.count
    calls[stream]!.message = nil
    calls[stream]!.phase = .handling
    return .unary(stream, call.head, message: message)
  }

  private func closed(_ stream: StreamID) -> ServerEvent? {
    guard let call = forget(stream), call.phase == .handling else { return nil }
    return .cancelled(stream, .byClient)
  }

  /// Removes a call's record and what is counted for it.
  private func forget(_ stream: StreamID) -> Call? {
    guard let call = calls.removeValue(forKey: stream) else { return nil }
    partialBytes -= call.partialBytes
    if !call.held.isEmpty {
      session.consume(call.held.count, stream: stream)
    }
    if call.head.deadline != nil {
      deadlines.remove { calls[$0] != nil }
    }
    return call
  }

  /// Everything that was delivered and not answered is cancelled: the socket is gone.
  package func connectionLost() {
    for (id, call) in calls where call.phase == .handling {
      events.append(.cancelled(id, .connectionLost))
    }
    calls = [:]
  }
}
