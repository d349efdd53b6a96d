package import HTTP2

/// What goes back to the client.
extension ServerSession {
  private static let headers = HeaderBlock([
    (":status", "200"), ("content-type", "application/grpc"),
  ])

  /// Answers a unary call with a message. Nothing happens where the call is gone or answered.
  package func reply(_ id: CallID, message: [UInt8], trailing: Metadata) {
    guard let call = call(id), call.phase == .handling else { return }
    call.phase = .answered
    var trailers = Status.okTrailers
    trailing.append(to: &trailers)
    session.submitResponse(
      stream: id, Self.headers, body: MessageFrame.frame(message), end: .trailers(trailers))
    closeIfNobodyReads()
  }

  /// Ends a call with a status; messages that were sent before go out first.
  package func finish(_ id: CallID, _ status: Status) {
    guard let call = call(id), call.phase == .handling else { return }
    refuse(call, status)
  }

  /// Queues a message of a streaming call. False where the call is gone or finished.
  package func send(_ id: CallID, _ message: [UInt8]) -> Bool {
    guard let call = call(id), call.phase == .handling, call.kind == .streaming else {
      return false
    }
    let frame = MessageFrame.frame(message)
    if call.sentHeaders {
      session.send(frame, stream: id)
    } else {
      call.sentHeaders = true
      session.submitResponse(stream: id, Self.headers, body: frame, end: .open)
    }
    closeIfNobodyReads()
    return true
  }

  /// Whether a streaming call's queue has room; once false, `.writable` follows.
  package func isWritable(_ id: CallID) -> Bool {
    guard let call = call(id), call.phase == .handling else { return false }
    return !call.sentHeaders || session.isWritable(stream: id)
  }

  /// Bytes that a streaming call has queued.
  package func queuedBytes(_ id: CallID) -> Int {
    session.queuedBytes(stream: id)
  }

  /// From here on the call's messages wait with the client, as far as its window goes.
  package func pauseReading(_ id: CallID) {
    call(id)?.isPaused = true
  }

  package func resumeReading(_ id: CallID) {
    guard let call = call(id), call.isPaused else { return }
    call.isPaused = false
    let held = call.held
    call.held = []
    session.consume(held.count, stream: id)
    take(held[...], of: call)
    if call.hasHeldEnd, call.phase == .handling {
      events.append(.halfClosed(id))
    }
  }

  /// Answers a call that is open with a status, whatever of it was delivered.
  func refuse(_ call: Call, _ status: Status) {
    guard call.phase != .answered else { return }
    call.phase = .answered
    if call.sentHeaders {
      session.end(stream: call.id, .trailers(status.trailers))
    } else {
      respond(call.id, status)
    }
  }

  /// Answers headers that began no call.
  func reject(_ id: CallID, _ rejection: RequestHead.Rejection) {
    switch rejection {
    case .http(let code):
      session.submitResponse(
        stream: id, HeaderBlock([(":status", code)]), body: nil, end: .endStream)
    case .status(let status):
      respond(id, status)
    case .encoding(let encoding):
      var block = Self.headers
      block.append(name: "grpc-accept-encoding", value: "identity,gzip")
      Status(.unimplemented, "unknown grpc-encoding \(encoding)").append(to: &block)
      session.submitResponse(stream: id, block, body: nil, end: .endStream)
    }
  }

  /// A trailers-only response.
  private func respond(_ id: CallID, _ status: Status) {
    var block = Self.headers
    status.append(to: &block)
    session.submitResponse(stream: id, block, body: nil, end: .endStream)
  }

  private func closeIfNobodyReads() {
    if session.queuedBytes > limits.queuedReplyBytesMax {
      session.terminate(.enhanceYourCalm)
      timers.isOverdue = true
    }
  }

  // MARK: output

  /// Hands the bytes to be written to `write` until none are left or `budget` is used up; says
  /// whether some are left.
  package func drain(
    budget: Int, _ write: (UnsafeRawBufferPointer) -> Void
  ) throws(SessionError) -> Bool {
    try session.drain(budget: budget, write)
  }

  /// The socket is to be closed now: all is said, or the peer is not worth more time.
  package var isFinished: Bool {
    session.isFinished || timers.isOverdue || (isDraining && !hasCalls && !session.wantsWrite)
  }

  /// What the peer did too often, for the log.
  package var floodDescription: String? { session.floodDescription }

  // MARK: the end

  /// GOAWAY, and a ping: what the client sent before it answers that is still taken (RFC 9113,
  /// section 6.8).
  package func announceShutdown() {
    guard !isShutdownAnnounced else { return }
    isShutdownAnnounced = true
    timers.expectShutdown(by: now)
    session.announceShutdown()
    session.ping()
  }

  /// No more calls; when those under way are done, `isFinished`.
  package func refuseNewCalls() {
    guard !isDraining else { return }
    isDraining = true
    session.refuseNewStreams()
  }
}
