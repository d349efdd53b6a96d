package import GRPC
package import Logging
import NIOConcurrencyHelpers
package import NIOCore
import NIOPosix

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// A gRPC server on one listener: HTTP/2 without TLS, by prior knowledge.
package final class Server: Sendable {
  package struct Configuration: Sendable {
    package var address: Address
    package var limits = ServerLimits()
    /// Connections beyond it are closed as soon as they are accepted.
    package var connectionsMax = 10_000

    package init(address: Address) {
      self.address = address
    }
  }

  private struct State {
    var listener: (any Channel)?
    var connections: [ObjectIdentifier: any Channel] = [:]
    var isShuttingDown = false
  }

  private let configuration: Configuration
  private let router: Router
  private let group: any EventLoopGroup
  private let logger: Logger
  private let state = NIOLockedValueBox(State())

  package init(
    configuration: Configuration, router: Router, group: any EventLoopGroup, logger: Logger
  ) {
    self.configuration = configuration
    self.router = router
    self.group = group
    self.logger = logger
  }

  /// Listens; returns the address with its real port.
  package func start() async throws -> Address {
    let bootstrap = ServerBootstrap(group: group)
      .serverChannelOption(.backlog, value: 1_024)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .childChannelOption(.maxMessagesPerRead, value: 8)
      .childChannelOption(
        .recvAllocator,
        value: AdaptiveRecvByteBufferAllocator(minimum: 1_024, initial: 8_192, maximum: 65_536)
      )
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture { try self.initialize(channel) }
      }
    let listener: any Channel
    switch configuration.address {
    case .host(let host, let port):
      listener = try await bootstrap.bind(host: host, port: port).get()
    case .unix(let path):
      listener = try await bootstrap.bind(
        unixDomainSocketPath: path, cleanupExistingSocketFile: true
      ).get()
    case .abstract(let name):
      let socket = try AbstractSocket.bind(name)
      listener = try await bootstrap.withBoundSocket(socket).get()
    }
    let isTooLate = state.withLockedValue { state in
      state.listener = listener
      return state.isShuttingDown
    }
    if isTooLate { try await listener.close() }
    guard case .host(let host, _) = configuration.address, let port = listener.localAddress?.port
    else { return configuration.address }
    return .host(host, port: port)
  }

  private func initialize(_ channel: any Channel) throws {
    let isWelcome = state.withLockedValue { state in
      guard !state.isShuttingDown, state.connections.count < configuration.connectionsMax
      else { return false }
      state.connections[ObjectIdentifier(channel)] = channel
      return true
    }
    guard isWelcome else {
      logger.warning(
        "connection refused: too many, or shutting down",
        metadata: ["connections_max": "\(configuration.connectionsMax)"])
      throw ChannelError.eof
    }
    channel.closeFuture.whenComplete { [state] _ in
      _ = state.withLockedValue {
        $0.connections.removeValue(forKey: ObjectIdentifier(channel))
      }
    }
    if case .host = configuration.address {
      _ = channel.setOption(.socketOption(.tcp_nodelay), value: 1)
    }
    // TLS has its place here: its handler stands before the connection's, and nothing else changes.
    try channel.pipeline.syncOperations.addHandler(
      ServerConnection(
        router: router, limits: configuration.limits, eventLoop: channel.eventLoop,
        logger: logger))
  }

  /// Stops listening and tells every client by GOAWAY; calls under way have `grace` to finish, then
  /// their connections are closed.
  package func shutdownGracefully(grace: Duration) async {
    let (listener, connections) = state.withLockedValue { state in
      state.isShuttingDown = true
      return (state.listener, Array(state.connections.values))
    }
    try? await listener?.close()
    if case .unix(let path) = configuration.address, listener != nil { unlink(path) }
    for channel in connections {
      channel.pipeline.fireUserInboundEventTriggered(ShutDown())
    }
    let closed = EventLoopFuture.andAllComplete(
      connections.map(\.closeFuture), on: group.any())
    let overdue = group.any().scheduleTask(in: .nanoseconds(Int64(clamping: grace.nanoseconds))) {
      for channel in connections {
        channel.close(promise: nil)
      }
    }
    try? await closed.get()
    overdue.cancel()
  }
}
