import GRPC
package import NIOCore

/// A call on its way: the handle to cancel it. Its state is touched on its event loop alone.
///
///     queued ──start──► started ──reply──► done
///       ▲                  │
///       └─────refused──────┘        cancel, deadline: from either to done
package final class ClientCall: Expiring, @unchecked Sendable {
  enum State {
    /// Waits in its target's queue. Moves to: started, done.
    case queued
    /// On a connection. Moves to: queued (the peer refused it unseen), done.
    case started(ClientConnection, CallID)
    /// The completion was called.
    case done
  }

  package let eventLoop: any EventLoop
  private(set) var request: ClientRequest
  let deadline: UInt64
  var state = State.queued
  var startedAt: UInt64 = 0
  /// How often the peer refused it without looking at it.
  var refusals = 0
  /// Nil for a unary call.
  let stream: ClientStream?
  private var completion: (@Sendable (ClientReply) -> Void)?
  private let pool: LoopPool

  init(
    _ request: ClientRequest, on eventLoop: any EventLoop, pool: LoopPool, stream: ClientStream?,
    completion: @escaping @Sendable (ClientReply) -> Void
  ) {
    self.request = request
    self.eventLoop = eventLoop
    self.pool = pool
    self.stream = stream
    self.completion = completion
    let now = NIODeadline.now().uptimeNanoseconds
    let timeout = UInt64(max(0, request.timeout.nanoseconds))
    deadline = now.addingReportingOverflow(timeout).overflow ? .max : now + timeout
  }

  var isDone: Bool {
    if case .done = state { true } else { false }
  }

  package var isOver: Bool { isDone }

  /// Ends the call with CANCELLED, and tells the peer. From any thread; nothing happens where it
  /// has ended.
  package func cancel() {
    guard eventLoop.inEventLoop else {
      return eventLoop.execute { self.cancel() }
    }
    end(Status(.cancelled, "the caller cancelled the call"))
  }

  /// Ends the call from our side, wherever it stands.
  func end(_ status: Status) {
    switch state {
    case .done:
      return
    case .queued:
      pool.leftQueue(self)
      finish(.local(status, .notSent))
    case .started(let connection, let id):
      finish(.local(status, connection.cancel(id)))
    }
  }

  /// Tells the end. The first one counts.
  func finish(_ reply: ClientReply) {
    guard let completion else { return }
    state = .done
    self.completion = nil
    request.message = []
    pool.ended(self)
    stream?.ended()
    completion(reply)
  }
}
