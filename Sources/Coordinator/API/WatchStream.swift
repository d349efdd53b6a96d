import GRPC
import Messages
import NIOCore
import ProtoWire
import Transport

extension CoordinatorService {
  /// Shows a transaction now and after every change, until it has ended.
  func watch(_ call: StreamingCall) {
    let stream = WatchStream(call: call, service: self)
    call.onMessage { stream.received($0) }
    call.onHalfClose { stream.receivedHalfClose() }
    call.onWritable { stream.flush() }
    call.onCancel { _ in stream.cancelled() }
  }
}

/// One Watch that is being served: between its call's loop and its shard's.
///
/// Its state is touched on the call's loop alone, but for `watcher`, which is the shard's.
private final class WatchStream: @unchecked Sendable {
  private let call: StreamingCall
  private let service: CoordinatorService
  /// Set once the request has come.
  private var id: String?
  /// The latest state, where it has not been sent because the client does not read.
  private var unsent: TransactionView?
  /// How the call ends once the latest state is sent.
  private var end: Status?
  private var hasLeft = false

  // The shard's.
  private var watcher: Watcher?

  init(call: StreamingCall, service: CoordinatorService) {
    self.call = call
    self.service = service
  }

  // MARK: from the client

  func received(_ message: [UInt8]) {
    guard id == nil else {
      leave()
      return call.finish(Status(.invalidArgument, "Watch takes one request"))
    }
    do {
      let request = try CaravanV1.WatchRequest(wire: message)
      var violations = FieldViolations()
      service.rules.check(request, &violations)
      guard violations.isEmpty else {
        return call.finish(.refused(violations, .watch, id: request.id))
      }
      id = request.id
      begin(request.id)
    } catch {
      call.finish(.malformed(error, .watch))
    }
  }

  func receivedHalfClose() {
    if id == nil { call.finish(Status(.invalidArgument, "Watch takes one request, and none came")) }
  }

  func cancelled() { leave() }

  private func begin(_ id: String) {
    service.shards.onShard(of: id) { [self] shard in
      let watcher = Watcher(
        id: id,
        onChange: { [weak self] view in
          guard let self else { return }
          call.eventLoop.execute { self.show(view) }
        },
        onEnd: { [weak self] error in
          guard let self else { return }
          let status = error.map { Status($0, .watch, id: id) } ?? .ok
          call.eventLoop.execute { self.finish(status) }
        })
      self.watcher = watcher
      shard.watch(watcher)
    }
  }

  private func leave() {
    guard let id, !hasLeft else { return }
    hasLeft = true
    unsent = nil
    service.shards.onShard(of: id) { [self] shard in
      if let watcher { shard.unwatch(watcher) }
      watcher = nil
    }
  }

  // MARK: to the client

  private func show(_ view: TransactionView) {
    guard !hasLeft else { return }
    unsent = view
    flush()
  }

  private func finish(_ status: Status) {
    guard !hasLeft else { return }
    end = status
    flush()
  }

  /// Sends the latest state when there is room for it, then the end. What came between is skipped,
  /// never the latest.
  func flush() {
    if let view = unsent {
      guard call.isWritable else { return }
      unsent = nil
      call.send(
        CaravanV1.WatchResponse { $0.transaction = CaravanV1.Transaction(view) }.wireBytes())
    }
    if let end {
      hasLeft = true
      call.finish(end)
    }
  }
}
