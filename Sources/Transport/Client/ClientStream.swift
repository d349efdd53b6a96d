package import GRPC
package import NIOCore

/// What a streaming call tells its caller; all on the call's event loop.
package struct ClientStreamEvents: Sendable {
  package var message: @Sendable ([UInt8]) -> Void
  /// There is room again after `isWritable` was false.
  package var writable: @Sendable () -> Void
  /// The last event, exactly once. The reply carries no message.
  package var end: @Sendable (ClientReply) -> Void

  package init(
    message: @escaping @Sendable ([UInt8]) -> Void, writable: @escaping @Sendable () -> Void = {},
    end: @escaping @Sendable (ClientReply) -> Void
  ) {
    self.message = message
    self.writable = writable
    self.end = end
  }
}

/// A streaming call at the client. Belongs to its event loop: all of it is called there, only
/// `cancel` from anywhere.
///
/// It may be used at once: what is sent before the connection stands is kept, up to
/// `StreamingCall.queuedBytesMax`.
package final class ClientStream: @unchecked Sendable {
  package let eventLoop: any EventLoop
  private let events: ClientStreamEvents
  /// Nil once the call has ended.
  private var call: ClientCall?
  /// Messages sent before the call started.
  private var early: [[UInt8]] = []
  private var earlyBytes = 0
  private var isHalfClosed = false
  private var isPaused = false
  private var waiting: [[UInt8]] = []

  init(on eventLoop: any EventLoop, events: ClientStreamEvents) {
    self.eventLoop = eventLoop
    self.events = events
  }

  func attach(_ call: ClientCall) {
    self.call = call
  }

  private var started: (connection: ClientConnection, id: CallID)? {
    guard case .started(let connection, let id) = call?.state else { return nil }
    return (connection, id)
  }

  // MARK: sending

  /// Whether the peer keeps up. Once false, wait for `writable`.
  package var isWritable: Bool {
    eventLoop.preconditionInEventLoop()
    guard let call, !call.isDone, !isHalfClosed else { return false }
    guard let (connection, id) = started else { return early.isEmpty }
    return connection.session.isWritable(id)
  }

  @discardableResult
  package func send(_ message: [UInt8]) -> SendResult {
    eventLoop.preconditionInEventLoop()
    guard let call, !call.isDone, !isHalfClosed else { return .closed }
    guard let (connection, id) = started else {
      if earlyBytes > StreamingCall.queuedBytesMax { return .full }
      early.append(message)
      earlyBytes += message.count
      return .sent
    }
    if connection.session.queuedBytes(id) > StreamingCall.queuedBytesMax { return .full }
    return connection.send(id, message) ? .sent : .closed
  }

  /// Says that no more messages follow.
  package func halfClose() {
    eventLoop.preconditionInEventLoop()
    guard !isHalfClosed else { return }
    isHalfClosed = true
    if let (connection, id) = started { connection.halfClose(id) }
  }

  /// Ends the call with CANCELLED. From any thread.
  package func cancel() {
    guard eventLoop.inEventLoop else {
      return eventLoop.execute { self.cancel() }
    }
    call?.cancel()
  }

  // MARK: receiving

  /// No more messages are delivered, and the peer may send only as much as its window holds.
  package func pauseReading() {
    eventLoop.preconditionInEventLoop()
    isPaused = true
    if let (connection, id) = started { connection.session.pauseReading(id) }
  }

  package func resumeReading() {
    eventLoop.preconditionInEventLoop()
    guard isPaused else { return }
    isPaused = false
    let messages = waiting
    waiting = []
    for (index, message) in messages.enumerated() {
      if isPaused {
        waiting = Array(messages[index...]) + waiting
        return
      }
      events.message(message)
    }
    if isPaused { return }
    if let (connection, id) = started { connection.resumeReading(id) }
  }

  // MARK: from the connection

  func didStart(_ connection: ClientConnection, _ id: CallID) {
    let messages = early
    let wasFull = !messages.isEmpty
    early = []
    earlyBytes = 0
    if isPaused { connection.session.pauseReading(id) }
    for message in messages {
      _ = connection.send(id, message)
    }
    if isHalfClosed { connection.halfClose(id) }
    if wasFull, !isHalfClosed, connection.session.isWritable(id) { events.writable() }
  }

  func received(_ message: [UInt8]) {
    if isPaused { waiting.append(message) } else { events.message(message) }
  }

  func becameWritable() {
    events.writable()
  }

  func ended() {
    early = []
    waiting = []
    call = nil
  }
}
