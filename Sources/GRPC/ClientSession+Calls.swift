package import HTTP2

/// Starting, feeding and ending calls; and the bytes that come of it.
extension ClientSession {
  // MARK: calls

  /// The peer has spoken HTTP/2.
  package var isEstablished: Bool { timers.isEstablished }

  /// The peer let a wait pass: the socket is to be closed without further words.
  package var isOverdue: Bool { timers.isOverdue }

  /// Another call may start now.
  package var hasRoom: Bool {
    timers.isEstablished && !isGoingAway && session.mayOpenStreams
      && openCount < min(Int(session.peerConcurrentStreamsMax), limits.concurrentCallsMax)
  }

  /// The connection takes no more calls, ever.
  package var isRetired: Bool {
    isGoingAway || (timers.isEstablished && !session.mayOpenStreams)
  }

  /// Starts a call. `message` nil: a streaming call, whose messages follow by `send`.
  package func start(
    _ headers: RequestHeaders, message: [UInt8]?, replyBytesMax: Int
  ) throws(SessionError) -> CallID {
    let id = try session.submitRequest(
      headers.block, body: message.map(MessageFrame.frame) ?? [],
      end: message == nil ? .open : .endStream)
    remember(Call(isStreaming: message == nil, replyBytesMax: replyBytesMax), id)
    return id
  }

  /// Ends a call from our side; nothing more is heard of it. Says whether it may have reached the
  /// peer.
  package func cancel(_ id: CallID) -> ClientReply.Delivery {
    let wasSent = session.wasSent(stream: id)
    if let call = call(id) { forget(call, id) }
    session.reset(stream: id, .cancel)
    return wasSent ? .maybeSent : .notSent
  }

  /// All calls end: the socket is gone.
  package func connectionLost(_ reason: String) {
    // Who has answered whole and is only not read yet keeps its answer.
    for id in callsUnderWay {
      guard let call = call(id), call.heldReply == nil else { continue }
      let delivery: ClientReply.Delivery = session.wasSent(stream: id) ? .maybeSent : .notSent
      call.isPaused = false
      end(call, id, .local(Status(.unavailable, reason), delivery))
    }
  }

  // MARK: streaming

  package func send(_ id: CallID, _ message: [UInt8]) -> Bool {
    guard call(id) != nil else { return false }
    return session.send(MessageFrame.frame(message), stream: id)
  }

  package func halfClose(_ id: CallID) {
    guard call(id) != nil else { return }
    session.end(stream: id, .endStream)
  }

  package func isWritable(_ id: CallID) -> Bool {
    call(id) != nil && session.isWritable(stream: id)
  }

  package func queuedBytes(_ id: CallID) -> Int {
    session.queuedBytes(stream: id)
  }

  package func pauseReading(_ id: CallID) {
    call(id)?.isPaused = true
  }

  package func resumeReading(_ id: CallID) {
    guard let call = call(id), call.isPaused else { return }
    let held = call.held
    call.isPaused = false
    call.held = []
    session.consume(held.count, stream: id)
    take(held[...], of: call, id)
    if let reply = call.heldReply, self.call(id) === call {
      forget(call, id)
      events.append(.ended(id, reply))
    }
  }

  // MARK: output

  package func drain(
    budget: Int, _ write: (UnsafeRawBufferPointer) -> Void
  ) throws(SessionError) -> Bool {
    try session.drain(budget: budget, write)
  }

  /// The socket is to be closed.
  package var isFinished: Bool {
    session.isFinished || timers.isOverdue || (isRetired && !hasCalls && !session.wantsWrite)
  }

  /// Takes no more calls; `isFinished` when the last one has ended.
  package func retire() {
    isGoingAway = true
  }

  /// GOAWAY; then close.
  package func close() {
    session.terminate(.noError)
  }
}
