package import GRPC
package import NIOCore

/// What became of a message that was to be sent on a stream.
package enum SendResult: Sendable, Equatable {
  case sent
  /// The stream's queue is over its hard bound: the message was dropped. Look at `isWritable`
  /// before sending.
  case full
  /// The call has ended.
  case closed
}

/// One streaming call at the server. Belongs to its event loop: all of it is called there, only
/// `finish` from anywhere.
package final class StreamingCall: @unchecked Sendable {
  package let eventLoop: any EventLoop
  /// `/package.Service/Method`.
  package let path: String
  package let metadata: Metadata
  /// When the client stops waiting; it is then told DEADLINE_EXCEEDED without our doing.
  package let deadline: NIODeadline?
  /// The client's address, for logs.
  package let peer: String

  /// Queued bytes of one stream over which nothing more is taken.
  package static let queuedBytesMax = 4 << 20

  private let id: CallID
  /// Nil once the call has ended.
  private var connection: (any CallConnection)?
  private var message: (@Sendable ([UInt8]) -> Void)?
  private var halfClosed: (@Sendable () -> Void)?
  private var cancelled: (@Sendable (Cancellation) -> Void)?
  private var writable: (@Sendable () -> Void)?
  private var isPaused = false
  /// What was already taken apart when reading was paused: at most one turn's messages.
  private var waiting: [[UInt8]] = []
  private var isHalfCloseWaiting = false

  init(id: CallID, path: String, head: RequestHead, connection: some CallConnection) {
    self.id = id
    self.path = path
    self.connection = connection
    metadata = head.metadata
    deadline = head.deadline.map(NIODeadline.init(nanoseconds:))
    eventLoop = connection.eventLoop
    peer = connection.peer
  }

  // MARK: callbacks, set inside the handler

  /// A message came.
  package func onMessage(_ callback: @escaping @Sendable ([UInt8]) -> Void) {
    eventLoop.preconditionInEventLoop()
    message = callback
  }

  /// The client has sent its last message.
  package func onHalfClose(_ callback: @escaping @Sendable () -> Void) {
    eventLoop.preconditionInEventLoop()
    halfClosed = callback
  }

  /// The call ended before `finish`; nothing is called after this.
  package func onCancel(_ callback: @escaping @Sendable (Cancellation) -> Void) {
    eventLoop.preconditionInEventLoop()
    cancelled = callback
  }

  /// There is room again after `isWritable` was false.
  package func onWritable(_ callback: @escaping @Sendable () -> Void) {
    eventLoop.preconditionInEventLoop()
    writable = callback
  }

  // MARK: sending

  /// Whether the client keeps up. Once false, wait for `onWritable`.
  package var isWritable: Bool {
    eventLoop.preconditionInEventLoop()
    return connection?.isWritable(id) ?? false
  }

  @discardableResult
  package func send(_ message: [UInt8]) -> SendResult {
    eventLoop.preconditionInEventLoop()
    guard let connection else { return .closed }
    if connection.queuedBytes(id) > Self.queuedBytesMax { return .full }
    return connection.send(id, message) ? .sent : .closed
  }

  /// Ends the call behind the messages sent so far. From any thread; the first one counts.
  package func finish(_ status: Status = .ok) {
    guard eventLoop.inEventLoop else {
      return eventLoop.execute { self.finish(status) }
    }
    let connection = self.connection
    end()
    connection?.finish(id, status)
  }

  // MARK: receiving

  /// No more messages are delivered, and the client may send only as much as its window holds.
  package func pauseReading() {
    eventLoop.preconditionInEventLoop()
    isPaused = true
    connection?.pauseReading(id)
  }

  package func resumeReading() {
    eventLoop.preconditionInEventLoop()
    guard isPaused else { return }
    isPaused = false
    let messages = waiting
    waiting = []
    for (index, bytes) in messages.enumerated() {
      if isPaused {
        waiting = Array(messages[index...]) + waiting
        return
      }
      message?(bytes)
    }
    if isPaused { return }
    if isHalfCloseWaiting {
      isHalfCloseWaiting = false
      halfClosed?()
    }
    connection?.resumeReading(id)
  }

  // MARK: from the connection

  func received(_ bytes: [UInt8]) {
    if isPaused { waiting.append(bytes) } else { message?(bytes) }
  }

  func receivedHalfClose() {
    if isPaused { isHalfCloseWaiting = true } else { halfClosed?() }
  }

  func becameWritable() {
    writable?()
  }

  func cancel(_ reason: Cancellation) {
    guard connection != nil else { return }
    let callback = cancelled
    end()
    callback?(reason)
  }

  private func end() {
    connection = nil
    message = nil
    halfClosed = nil
    cancelled = nil
    writable = nil
    waiting = []
  }
}
