import GRPC
import Logging
import NIOCore

/// What a connection tells its endpoint; all on the loop.
protocol ClientConnectionDelegate: AnyObject {
  /// The peer speaks HTTP/2: calls may start.
  func connectionBecameReady(_ connection: ClientConnection)
  /// Calls ended, or the peer allows more: there may be room.
  func connectionHasRoom(_ connection: ClientConnection)
  /// No new calls; those under way go on.
  func connectionRetired(_ connection: ClientConnection, isTooManyPings: Bool)
  /// It is gone; all calls on it have ended.
  func connectionClosed(_ connection: ClientConnection, reason: String)
  /// The peer refused a call without looking at it.
  func connection(_ connection: ClientConnection, refused call: ClientCall, reply: ClientReply)
}

/// One connection to one peer: moves bytes between the channel and the session, calls between the
/// session and the pool. All requests of one tick leave in one write.
final class ClientConnection: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  let eventLoop: any EventLoop
  let session: ClientSession
  weak var delegate: (any ClientConnectionDelegate)?
  private let logger: Logger
  private var calls: [CallID: ClientCall] = [:]
  private let pump = OutputPump()
  private var wake = WakeTimer()
  private var isReading = false
  private var isFlushScheduled = false
  private var context: ChannelHandlerContext?
  private var closeReason: String?
  private var isClosed = false

  init(limits: ClientLimits, eventLoop: any EventLoop, logger: Logger) throws {
    self.eventLoop = eventLoop
    self.logger = logger
    session = try ClientSession(limits: limits, now: NIODeadline.now().uptimeNanoseconds)
  }

  // MARK: channel

  func handlerAdded(context: ChannelHandlerContext) {
    self.context = context
    if context.channel.isActive { flush() }
  }

  func handlerRemoved(context: ChannelHandlerContext) {
    self.context = nil
  }

  func channelActive(context: ChannelHandlerContext) {
    flush()
  }

  func channelInactive(context: ChannelHandlerContext) {
    connectionLost()
    context.fireChannelInactive()
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    guard pump.isOpen else { return }
    isReading = true
    let buffer = Self.unwrapInboundIn(data)
    let now = NIODeadline.now().uptimeNanoseconds
    var offset = 0
    do {
      while offset < buffer.readableBytes {
        let end = min(offset + ClientSession.inputBytesPerTurn, buffer.readableBytes)
        try session.receive(buffer.readableBytesSpan.extracting(offset..<end), now: now)
        offset = end
        takeEvents()
      }
    } catch {
      fail("\(error)")
    }
  }

  func channelReadComplete(context: ChannelHandlerContext) {
    isReading = false
    delegate?.connectionHasRoom(self)
    flush()
  }

  func channelWritabilityChanged(context: ChannelHandlerContext) {
    if context.channel.isWritable, !isReading { flush() }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    fail("\(error)")
  }

  private func fail(_ reason: String) {
    if closeReason == nil { closeReason = reason }
    context?.close(promise: nil)
  }

  private func connectionLost() {
    guard !isClosed else { return }
    isClosed = true
    wake.cancel()
    pump.close()
    let reason =
      closeReason ?? (session.isEstablished ? "the peer closed the connection" : Self.silence)
    session.connectionLost("connection lost: \(reason)")
    takeEvents()
    delegate?.connectionClosed(self, reason: reason)
  }

  private static let silence = "the peer closed the connection before it spoke HTTP/2"

  // MARK: events

  @discardableResult
  private func takeEvents() -> Bool {
    var hadEvent = false
    while let event = session.nextEvent() {
      hadEvent = true
      switch event {
      case .ready:
        delegate?.connectionBecameReady(self)
      case .message(let id, let message):
        calls[id]?.stream?.received(message)
      case .writable(let id):
        calls[id]?.stream?.becameWritable()
      case .ended(let id, let reply):
        guard let call = calls.removeValue(forKey: id) else { continue }
        if reply.delivery == .notSent, let delegate {
          delegate.connection(self, refused: call, reply: reply)
        } else {
          call.finish(reply)
        }
      case .goAway(let reason, let isTooManyPings):
        logger.debug("peer says GOAWAY", metadata: ["reason": "\(reason)"])
        if closeReason == nil { closeReason = "the peer said GOAWAY: \(reason)" }
        delegate?.connectionRetired(self, isTooManyPings: isTooManyPings)
      }
    }
    return hadEvent
  }

  // MARK: calls, on the loop

  /// Starts a call; there has to be room.
  func start(_ call: ClientCall, authority: String) throws {
    let now = NIODeadline.now().uptimeNanoseconds
    let headers = RequestHeaders(
      path: call.request.path, authority: authority, metadata: call.request.metadata,
      timeout: call.deadline == .max ? nil : call.deadline - min(now, call.deadline))
    let id = try session.start(
      headers, message: call.stream == nil ? call.request.message : nil,
      replyBytesMax: call.request.replyBytesMax)
    calls[id] = call
    call.startedAt = now
    call.state = .started(self, id)
    call.stream?.didStart(self, id)
    setNeedsFlush()
  }

  func cancel(_ id: CallID) -> ClientReply.Delivery {
    calls.removeValue(forKey: id)
    defer { setNeedsFlush() }
    return session.cancel(id)
  }

  /// A call that started at `start` got no answer in time.
  func suspect(since start: UInt64, now: UInt64) {
    session.suspect(since: start, now: now)
    setNeedsFlush()
  }

  func send(_ id: CallID, _ message: [UInt8]) -> Bool {
    defer { setNeedsFlush() }
    return session.send(id, message)
  }

  func halfClose(_ id: CallID) {
    session.halfClose(id)
    setNeedsFlush()
  }

  func resumeReading(_ id: CallID) {
    session.resumeReading(id)
    setNeedsFlush()
  }

  /// Takes no more calls, and closes when those under way are done.
  func retire() {
    session.retire()
    setNeedsFlush()
  }

  /// Ends the connection; calls on it end with UNAVAILABLE.
  func close(reason: String) {
    if closeReason == nil { closeReason = reason }
    session.close()
    flush()
    connectionLost()
  }

  // MARK: output

  private func setNeedsFlush() {
    guard !isReading, !isFlushScheduled else { return }
    isFlushScheduled = true
    eventLoop.assumeIsolated().execute {
      self.isFlushScheduled = false
      self.takeEvents()
      self.flush()
      // A call that was cancelled leaves its place without a word from the peer.
      self.delegate?.connectionHasRoom(self)
    }
  }

  private func flush() {
    guard let context, pump.isOpen else { return }
    do {
      try pump.flush(session, into: context, afterDrain: takeEvents)
    } catch {
      return fail("\(error)")
    }
    if session.isFinished {
      if closeReason == nil, session.isOverdue {
        closeReason = session.isEstablished ? "no answer to a ping" : "no answer from the peer"
      }
      pump.finish(context)
      if session.isOverdue { context.close(promise: nil) }
      // Who waits for a reply need not wait for the socket's end.
      connectionLost()
      return
    }
    // The timer holds the connection until it is closed; a weak reference would make every other
    // one dearer.
    wake.schedule(at: session.nextWake, on: eventLoop) { self.wakeUp() }
  }

  private func wakeUp() {
    wake.fired()
    session.wake(now: NIODeadline.now().uptimeNanoseconds)
    takeEvents()
    flush()
  }
}
