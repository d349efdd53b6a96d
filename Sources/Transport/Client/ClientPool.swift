package import GRPC
package import Logging
import NIOConcurrencyHelpers
package import NIOCore

/// Connections to many peers, shared by all calls of an event loop: calls in, replies out.
///
/// Each loop has its own connections, so that a call and its reply stay on the loop of the caller.
package final class ClientPool: Sendable {
  package struct Configuration: Sendable {
    package var limits = ClientLimits()
    package var backoff = Backoff()
    /// Calls that wait for a connection to one address, on one loop; one more gets
    /// RESOURCE_EXHAUSTED.
    package var queuedCallsMax = 10_000
    /// Addresses of one name that are used at the same time.
    package var endpointsMax = 16
    /// How soon after its last resolution a name is resolved anew when one of its connections fails
    /// or ends.
    package var resolutionPause = Duration.seconds(5)

    /// How names become addresses.
    var resolver: Resolver.Function = { Resolver.resolve(host: $0, port: $1, on: $2) }

    package init() {}
  }

  private let loops: [ObjectIdentifier: LoopPool]
  private let group: any EventLoopGroup

  package init(
    configuration: Configuration = Configuration(), group: any EventLoopGroup, logger: Logger
  ) {
    self.group = group
    var loops: [ObjectIdentifier: LoopPool] = [:]
    for eventLoop in group.makeIterator() {
      loops[ObjectIdentifier(eventLoop)] = LoopPool(
        configuration: configuration, eventLoop: eventLoop, logger: logger)
    }
    self.loops = loops
  }

  /// Makes a unary call. `completion` is called exactly once, on `eventLoop` (one of the pool's
  /// group), and never before this returns.
  @discardableResult
  package func call(
    _ request: ClientRequest, on eventLoop: any EventLoop,
    completion: @escaping @Sendable (ClientReply) -> Void
  ) -> ClientCall {
    let pool = pool(for: eventLoop)
    let call = ClientCall(
      request, on: eventLoop, pool: pool, stream: nil, completion: completion)
    pool.submit(call)
    return call
  }

  /// Makes a unary call from any task.
  package func call(_ request: ClientRequest) async -> ClientReply {
    await withCheckedContinuation { continuation in
      call(request, on: group.next()) { continuation.resume(returning: $0) }
    }
  }

  /// Opens a streaming call; the request's message is not used. From the loop itself.
  package func open(
    _ request: ClientRequest, on eventLoop: any EventLoop, events: ClientStreamEvents
  ) -> ClientStream {
    let pool = pool(for: eventLoop)
    let stream = ClientStream(on: eventLoop, events: events)
    let call = ClientCall(
      request, on: eventLoop, pool: pool, stream: stream, completion: events.end)
    stream.attach(call)
    pool.submit(call)
    return stream
  }

  /// Ends all calls with UNAVAILABLE and closes all connections; later calls get UNAVAILABLE too.
  package func shutdown() async {
    for pool in loops.values {
      await pool.shutdown()
    }
  }

  private func pool(for eventLoop: any EventLoop) -> LoopPool {
    guard let pool = loops[ObjectIdentifier(eventLoop)] else {
      preconditionFailure("a call on an event loop that is not of the pool's group")
    }
    return pool
  }
}
