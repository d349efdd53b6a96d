package import GRPC
package import NIOCore

/// A call from inside the process: it reaches the handlers that gRPC calls reach, with one request
/// message.
///
/// Its state is touched on `eventLoop` alone.
package final class LocalCall: CallConnection, @unchecked Sendable {
  /// What comes back. `end` comes once and last.
  package enum Event: Sendable {
    case message([UInt8])
    case end(Status)
  }

  /// What is asked for.
  package struct Request: Sendable {
    /// `/package.Service/Method`.
    package var path: String
    package var message: [UInt8]
    package var metadata = Metadata()
    /// When the caller stops waiting; it then gets DEADLINE_EXCEEDED.
    package var deadline: NIODeadline?
    /// The caller's address, for logs.
    package var peer: String

    package init(path: String, message: [UInt8], peer: String) {
      self.path = path
      self.message = message
      self.peer = peer
    }
  }

  private enum Handled {
    case unary(UnaryCall)
    case streaming(StreamingCall)
  }

  /// Messages that may wait to be taken before a stream's `isWritable` is false.
  private static let waitingMax = 4
  /// There is one call on this connection.
  private static let id: CallID = 1

  package let eventLoop: any EventLoop
  let peer: String
  private let onEvent: @Sendable (Event) -> Void
  private var handled: Handled?
  private var hasEnded = false
  private var overdue: Scheduled<Void>?
  /// Sizes of the messages that were sent and not yet taken.
  private var waiting: [Int] = []

  private init(
    peer: String, eventLoop: any EventLoop, onEvent: @escaping @Sendable (Event) -> Void
  ) {
    self.peer = peer
    self.eventLoop = eventLoop
    self.onEvent = onEvent
  }

  /// Begins a call.
  ///
  /// - Parameters:
  ///   - eventLoop: where the handler runs
  ///   - onEvent: called there; an unknown method ends at once with UNIMPLEMENTED
  package static func begin(
    _ request: Request, to router: Router, on eventLoop: any EventLoop,
    onEvent: @escaping @Sendable (Event) -> Void
  ) -> LocalCall {
    let call = LocalCall(peer: request.peer, eventLoop: eventLoop, onEvent: onEvent)
    eventLoop.execute { call.start(request, router) }
    return call
  }

  private func start(_ request: Request, _ router: Router) {
    if hasEnded { return }
    guard let method = router.methods.find(Array(request.path.utf8).span) else {
      return end(Status(.unimplemented, "unknown method \(request.path)"))
    }
    if let deadline = request.deadline {
      overdue = eventLoop.scheduleTask(deadline: deadline) { self.expire() }
    }
    let head = RequestHead(
      method: method, metadata: request.metadata, deadline: request.deadline?.uptimeNanoseconds)
    switch router.handlers[method] {
    case .unary(let handler):
      let call = UnaryCall(
        id: Self.id, path: request.path, head: head, message: request.message, connection: self)
      handled = .unary(call)
      handler(call)
    case .streaming(let handler):
      let call = StreamingCall(id: Self.id, path: request.path, head: head, connection: self)
      handled = .streaming(call)
      handler(call)
      call.received(request.message)
      call.receivedHalfClose()
    }
  }

  // MARK: from the caller, on any thread

  /// The caller has left: the handler is told, and nobody waits any more.
  package func cancel() {
    guard eventLoop.inEventLoop else { return eventLoop.execute { self.cancel() } }
    stop(.byClient, Status(.cancelled, "the caller left"))
  }

  /// The server stops, and waits no longer for the handler: the caller gets UNAVAILABLE.
  package func shutDown() {
    guard eventLoop.inEventLoop else { return eventLoop.execute { self.shutDown() } }
    stop(
      .connectionLost,
      Status(.unavailable, "this coordinator is stopping; ask again with the same id"))
  }

  /// The caller has taken a message.
  package func took() {
    guard eventLoop.inEventLoop else { return eventLoop.execute { self.took() } }
    if waiting.isEmpty { return }
    let wasFull = waiting.count >= Self.waitingMax
    waiting.removeFirst()
    if wasFull, case .streaming(let call)? = handled { call.becameWritable() }
  }

  private func expire() {
    stop(.deadline, Status(.deadlineExceeded, "the caller's time is up"))
  }

  private func stop(_ reason: Cancellation, _ status: Status) {
    if hasEnded { return }
    let handled = handled
    end(status)
    switch handled {
    case .unary(let call): call.cancel(reason)
    case .streaming(let call): call.cancel(reason)
    case nil: break
    }
  }

  private func end(_ status: Status) {
    if hasEnded { return }
    hasEnded = true
    handled = nil
    overdue?.cancel()
    overdue = nil
    onEvent(.end(status))
  }

  // MARK: from the handler, on the loop

  func reply(_ id: CallID, message: [UInt8], trailing: Metadata) {
    if hasEnded { return }
    onEvent(.message(message))
    end(.ok)
  }

  func finish(_ id: CallID, _ status: Status) {
    end(status)
  }

  func send(_ id: CallID, _ message: [UInt8]) -> Bool {
    if hasEnded { return false }
    waiting.append(message.count)
    onEvent(.message(message))
    return true
  }

  func isWritable(_ id: CallID) -> Bool { !hasEnded && waiting.count < Self.waitingMax }

  func queuedBytes(_ id: CallID) -> Int { waiting.reduce(0, +) }

  // There is one request message, and it was delivered.
  func pauseReading(_ id: CallID) {}

  func resumeReading(_ id: CallID) {}
}
