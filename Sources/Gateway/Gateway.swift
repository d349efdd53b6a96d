import GRPC
import HummingbirdCore
package import Logging
import NIOConcurrencyHelpers
package import NIOCore
package import ProtoJSON
package import Transport

/// Serves the methods of a router over HTTP/1.1 with JSON, by a table of routes. It knows no
/// service: what a request means stands in the descriptors, and what becomes of it is the business
/// of the handlers that gRPC calls reach too.
package final class Gateway: Sendable {
  package struct Configuration: Sendable {
    package var address: Address
    /// One request body; the same bound as that of a gRPC message.
    package var bodyBytesMax = 4 << 20
    /// Bodies of all requests that are being read or answered, together; past it a request is
    /// turned away.
    package var bodiesBytesMax = 256 << 20
    package var connectionsMax = 10_000
    /// Without a request, or inside one that does not come on.
    package var idleTimeout = TimeAmount.seconds(60)
    /// From a request's head to the end of its body.
    package var bodyTimeout = TimeAmount.seconds(60)
    /// How long a caller may take no byte of an answer.
    package var progressTimeout = TimeAmount.seconds(30)
    /// Between lines that say nothing, so that proxies keep a quiet stream of events.
    package var heartbeatInterval = TimeAmount.seconds(15)

    package init(address: Address) {
      self.address = address
    }
  }

  /// Headers of a request, together.
  static let headerBytesMax = 32 << 10
  private typealias HTTPServer = HummingbirdCore.Server<HTTP1Channel>

  private struct State {
    var server: HTTPServer?
    var running: Task<Void, any Error>?
    var isShuttingDown = false
  }

  private let configuration: Configuration
  private let exchange: Exchange
  private let connections: GatewayConnections
  private let group: any EventLoopGroup
  private let logger: Logger
  private let state = NIOLockedValueBox(State())

  /// - Throws: `RouteError` where a route names what the catalog does not have
  package init(
    configuration: Configuration, routes: [HTTPRoute], router: Router, catalog: ProtoCatalog,
    title: String, group: any EventLoopGroup, logger: Logger
  ) throws {
    self.configuration = configuration
    self.group = group
    self.logger = logger
    connections = GatewayConnections(progressTimeout: configuration.progressTimeout)
    let table = try RouteTable(routes, catalog)
    let mapping = JSONMapping(catalog)
    exchange = Exchange(
      table: table, reader: RequestReader(mapping: mapping), mapping: mapping, router: router,
      limits: configuration, bodies: BodyBudget(configuration.bodiesBytesMax),
      openAPI: OpenAPIDocument(table: table, catalog: catalog, title: title).json.bytes)
  }

  /// Listens; returns the address with its real port.
  package func start() async throws -> Address {
    guard case .host(let host, let port) = configuration.address else {
      throw ChannelError.unknownLocalAddress
    }
    let (listening, continuation) = AsyncStream<Int?>.makeStream()
    let server = makeServer(host, port) { channel in
      continuation.yield(channel.localAddress?.port)
      continuation.finish()
    }
    let running = Task {
      defer { continuation.finish() }
      try await server.run()
    }
    state.withLockedValue {
      $0.server = server
      $0.running = running
    }
    var bound: Int??
    for await port in listening { bound = port }
    guard let bound else {
      // It did not come so far as to listen: the reason comes out here.
      try await running.value
      throw ChannelError.ioOnClosedChannel
    }
    return .host(host, port: bound ?? port)
  }

  private func makeServer(
    _ host: String, _ port: Int, onServerRunning: @escaping @Sendable (any Channel) async -> Void
  ) -> HTTPServer {
    let (exchange, connections) = (exchange, connections)
    var quiet = logger
    // What Hummingbird tells at info is told by the coordinator in its own words.
    quiet.logLevel = max(logger.logLevel, .warning)
    return HTTPServer(
      childChannelSetup: HTTP1Channel(
        responder: { request, writer, channel in
          try await exchange.answer(request, writer, channel, connections[channel])
        },
        configuration: HTTP1Channel.Configuration(
          additionalChannelHandlers: [GatewayConnection(connections)],
          idleTimeout: configuration.idleTimeout,
          httpDecoderConfiguration: HTTP1Channel.Configuration.DecoderConfiguration(
            maxHeaderFieldSize: Self.headerBytesMax, maxHeaderListSize: Self.headerBytesMax))),
      configuration: ServerConfiguration(
        address: .hostname(host, port: port), backlog: 1_024,
        availableConnectionsDelegate: .maximum(configuration.connectionsMax, logger: quiet)),
      onServerRunning: onServerRunning, eventLoopGroup: group, logger: quiet)
  }

  /// Stops listening; requests under way have `grace` to be answered by their handlers, then they
  /// are answered with UNAVAILABLE.
  package func shutdownGracefully(grace: Duration) async {
    let (server, running) = state.withLockedValue { ($0.server, $0.running) }
    guard let server, let running else { return }
    let overdue = group.any().scheduleTask(in: .nanoseconds(Int64(clamping: grace.nanoseconds))) {
      [connections] in connections.shutDown()
    }
    try? await server.shutdownGracefully()
    _ = try? await running.value
    overdue.cancel()
  }
}
