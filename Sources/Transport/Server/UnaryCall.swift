package import GRPC
package import NIOCore

/// One unary call at the server: the request, and the door through which its answer goes.
///
/// Its mutable state is touched on `eventLoop` alone.
package final class UnaryCall: @unchecked Sendable {
  package let eventLoop: any EventLoop
  /// `/package.Service/Method`.
  package let path: String
  package let metadata: Metadata
  package let message: [UInt8]
  /// When the client stops waiting; it is then told DEADLINE_EXCEEDED without our doing.
  package let deadline: NIODeadline?
  /// The client's address, for logs.
  package let peer: String

  private let id: CallID
  /// Nil once the call has ended.
  private var connection: (any CallConnection)?
  private var cancelled: (@Sendable (Cancellation) -> Void)?

  init(
    id: CallID, path: String, head: RequestHead, message: [UInt8],
    connection: some CallConnection
  ) {
    self.id = id
    self.path = path
    self.message = message
    self.connection = connection
    metadata = head.metadata
    deadline = head.deadline.map(NIODeadline.init(nanoseconds:))
    eventLoop = connection.eventLoop
    peer = connection.peer
  }

  /// Answers OK with a message. From any thread; the first answer counts, later ones are ignored.
  package func succeed(_ message: [UInt8], trailing: Metadata = Metadata()) {
    guard eventLoop.inEventLoop else {
      return eventLoop.execute { self.succeed(message, trailing: trailing) }
    }
    takeConnection()?.reply(id, message: message, trailing: trailing)
  }

  /// Answers with a status. From any thread; the first answer counts, later ones are ignored.
  package func fail(_ status: Status) {
    guard eventLoop.inEventLoop else {
      return eventLoop.execute { self.fail(status) }
    }
    takeConnection()?.finish(id, status)
  }

  /// Sets what is called, on the call's loop and at most once, when the call ends without an answer
  /// of ours.
  package func onCancel(_ callback: @escaping @Sendable (Cancellation) -> Void) {
    eventLoop.preconditionInEventLoop()
    guard connection != nil else { return }
    cancelled = callback
  }

  /// Whether an answer still has a listener. On the call's loop.
  package var isOpen: Bool {
    eventLoop.preconditionInEventLoop()
    return connection != nil
  }

  func cancel(_ reason: Cancellation) {
    guard connection != nil else { return }
    connection = nil
    let callback = cancelled
    cancelled = nil
    callback?(reason)
  }

  private func takeConnection() -> (any CallConnection)? {
    defer {
      connection = nil
      cancelled = nil
    }
    return connection
  }
}

extension NIODeadline {
  /// The sessions' clock is NIO's own; what does not fit is "far away".
  init(nanoseconds: UInt64) {
    self = .uptimeNanoseconds(min(nanoseconds, UInt64(Int64.max)))
  }
}
