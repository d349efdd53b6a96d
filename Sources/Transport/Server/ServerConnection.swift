import GRPC
import Logging
import NIOCore

/// Tells a connection by its pipeline that the server shuts down: GOAWAY, then it closes when its
/// calls are done.
struct ShutDown: Sendable {}

/// One accepted connection: moves bytes between the channel and the session, calls between the
/// session and the handlers. All replies of one read turn leave in one write.
final class ServerConnection: ChannelInboundHandler, CallConnection {
  typealias InboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  /// What is open and has been delivered.
  private enum OpenCall {
    case unary(UnaryCall)
    case streaming(StreamingCall)
  }

  let eventLoop: any EventLoop
  let session: ServerSession
  private(set) var peer = ""
  private let router: Router
  private let logger: Logger
  private var calls: [CallID: OpenCall] = [:]
  private let pump = OutputPump()
  private var wake = WakeTimer()
  /// Between the first `channelRead` of a turn and its `channelReadComplete`: output waits for the
  /// latter.
  private var isReading = false
  private var isFlushScheduled = false
  private var context: ChannelHandlerContext?

  init(
    router: Router, limits: ServerLimits, eventLoop: any EventLoop, logger: Logger
  ) throws {
    self.router = router
    self.eventLoop = eventLoop
    self.logger = logger
    session = try ServerSession(
      methods: router.methods, limits: limits, now: NIODeadline.now().uptimeNanoseconds)
  }

  // MARK: channel

  func handlerAdded(context: ChannelHandlerContext) {
    self.context = context
    peer = context.remoteAddress.map { "\($0)" } ?? "unknown"
  }

  func handlerRemoved(context: ChannelHandlerContext) {
    self.context = nil
  }

  /// Our SETTINGS wait for the client's preface: a stranger then gets an answer that it can read.
  func channelActive(context: ChannelHandlerContext) {
    scheduleWake()
  }

  func channelInactive(context: ChannelHandlerContext) {
    wake.cancel()
    pump.close()
    session.connectionLost()
    takeEvents()
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
        let end = min(offset + ServerSession.inputBytesPerTurn, buffer.readableBytes)
        try session.receive(buffer.readableBytesSpan.extracting(offset..<end), now: now)
        offset = end
        takeEvents()
      }
    } catch {
      fail(error)
    }
  }

  func channelReadComplete(context: ChannelHandlerContext) {
    isReading = false
    flush()
  }

  func channelWritabilityChanged(context: ChannelHandlerContext) {
    if context.channel.isWritable, !isReading { flush() }
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    if event is ShutDown {
      session.announceShutdown()
      flush()
    } else {
      context.fireUserInboundEventTriggered(event)
    }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    logger.debug("connection failed", metadata: ["peer": "\(peer)", "error": "\(error)"])
    context.close(promise: nil)
  }

  private func fail(_ error: any Error) {
    logger.info("connection closed", metadata: ["peer": "\(peer)", "reason": "\(error)"])
    guard let context else { return }
    guard session.isForeign else { return context.close(promise: nil) }
    context.writeAndFlush(NIOAny(ByteBuffer(string: Self.answerToStrangers)), promise: nil)
    pump.finish(context)
  }

  private static let answerToStrangers: String = {
    let text = "This port speaks gRPC: HTTP/2 without TLS, by prior knowledge.\n"
    return "HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain\r\nConnection: close\r\n"
      + "Content-Length: \(text.utf8.count)\r\n\r\n\(text)"
  }()

  // MARK: events

  /// Handles all events; says whether there was one.
  @discardableResult
  private func takeEvents() -> Bool {
    var hadEvent = false
    while let event = session.nextEvent() {
      hadEvent = true
      switch event {
      case .unary(let id, let head, let message):
        startUnary(id, head, message)
      case .opened(let id, let head):
        startStreaming(id, head)
      case .message(let id, let message):
        if case .streaming(let call) = calls[id] { call.received(message) }
      case .halfClosed(let id):
        if case .streaming(let call) = calls[id] { call.receivedHalfClose() }
      case .writable(let id):
        if case .streaming(let call) = calls[id] { call.becameWritable() }
      case .cancelled(let id, let reason):
        switch calls.removeValue(forKey: id) {
        case .unary(let call): call.cancel(reason)
        case .streaming(let call): call.cancel(reason)
        case nil: break
        }
      }
    }
    return hadEvent
  }

  private func startUnary(_ id: CallID, _ head: RequestHead, _ message: [UInt8]) {
    guard case .unary(let handler) = router.handlers[head.method] else { return }
    let call = UnaryCall(
      id: id, path: router.methods.methods[head.method].path, head: head, message: message,
      connection: self)
    handler(call)
    // Most answers come at once; only the others are remembered.
    if call.isOpen { calls[id] = .unary(call) }
  }

  private func startStreaming(_ id: CallID, _ head: RequestHead) {
    guard case .streaming(let handler) = router.handlers[head.method] else { return }
    let call = StreamingCall(
      id: id, path: router.methods.methods[head.method].path, head: head, connection: self)
    calls[id] = .streaming(call)
    handler(call)
  }

  // MARK: from the calls, on the loop

  func reply(_ id: CallID, message: [UInt8], trailing: Metadata) {
    calls.removeValue(forKey: id)
    session.reply(id, message: message, trailing: trailing)
    setNeedsFlush()
  }

  func finish(_ id: CallID, _ status: Status) {
    calls.removeValue(forKey: id)
    session.finish(id, status)
    setNeedsFlush()
  }

  func send(_ id: CallID, _ message: [UInt8]) -> Bool {
    defer { setNeedsFlush() }
    return session.send(id, message)
  }

  func isWritable(_ id: CallID) -> Bool { session.isWritable(id) }

  func queuedBytes(_ id: CallID) -> Int { session.queuedBytes(id) }

  func pauseReading(_ id: CallID) { session.pauseReading(id) }

  func resumeReading(_ id: CallID) {
    session.resumeReading(id)
    setNeedsFlush()
  }

  // MARK: output

  /// One flush at the end of the loop's tick, however many calls were answered in it.
  private func setNeedsFlush() {
    guard !isReading, !isFlushScheduled else { return }
    isFlushScheduled = true
    eventLoop.assumeIsolated().execute {
      self.isFlushScheduled = false
      // Messages that were held back by a paused reader come out here.
      self.takeEvents()
      self.flush()
    }
  }

  private func flush() {
    guard let context, pump.isOpen else { return }
    do {
      try pump.flush(session, into: context, afterDrain: takeEvents)
    } catch {
      return fail(error)
    }
    if session.isFinished {
      if let reason = session.floodDescription {
        logger.notice(
          "connection closed: too many frames of one kind",
          metadata: ["peer": "\(peer)", "kind": "\(reason)"])
      }
      pump.finish(context)
      return
    }
    scheduleWake()
  }

  private func scheduleWake() {
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
