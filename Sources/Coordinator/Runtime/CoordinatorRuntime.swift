import AsyncHTTPClient
import Foundation
import GRPC
import Gateway
import Logging
import Messages
import Mode
import NIOCore
import NIOPosix
import Postgres
import ProtoJSON
import Store
import Transport

/// The coordinator, put together: store, shards, keeper, participants and server.
final class CoordinatorRuntime: Sendable {
  private let settings: Settings
  private let logger: Logger
  private let group: MultiThreadedEventLoopGroup
  private let store: PostgresStore
  private let pool: ClientPool
  /// One for each shard, on its loop.
  private let httpClients: [HTTPClient]
  /// By the system's authorities: participants may have others.
  private let webhookClient: HTTPClient
  private let webhooks: AttentionWebhooks
  private let shards: ShardSet
  private let keeper: KeeperLoop
  private let teller: TellerLoop
  private let health: HealthRegistry
  private let server: Server
  /// The same router, for callers without gRPC.
  private let gateway: Gateway?

  /// Puts the parts together; nothing runs yet.
  init(settings: Settings, logger: Logger) throws {
    self.settings = settings
    self.logger = logger
    let httpConfiguration = try HTTPClient.Configuration.participants(
      authorities: settings.participantsCAFile)
    let loopCount = settings.eventLoops > 0 ? settings.eventLoops : System.coreCount
    group = MultiThreadedEventLoopGroup(numberOfThreads: loopCount)
    let clock = NodeClock(wallClockMilliseconds: Int64(Date().timeIntervalSince1970 * 1_000))
    let group = group
    let loops = (0..<loopCount).map { _ in ShardLoop(eventLoop: group.next(), clock: clock) }
    shards = ShardSet(loops: loops)
    health = HealthRegistry(
      services: [CaravanV1.Coordinator.serviceName, EasyCar.Service.serviceName])
    keeper = KeeperLoop(
      eventLoop: loops[0].eventLoop, clock: clock, shards: shards,
      liveMax: settings.liveTransactionsMax, health: health, logger: logger)
    teller = TellerLoop(eventLoop: loops[0].eventLoop, clock: clock, logger: logger)
    store = PostgresStore(
      configuration: StoreConfiguration(settings), sinks: loops + [keeper, teller],
      logger: logger)
    pool = ClientPool(group: group, logger: logger)
    httpClients = loops.map {
      HTTPClient(eventLoopGroupProvider: .shared($0.eventLoop), configuration: httpConfiguration)
    }
    webhookClient = HTTPClient(
      eventLoopGroupProvider: .shared(group), configuration: try .participants(authorities: ""))
    webhooks = AttentionWebhooks(settings, client: webhookClient, logger: logger)
    let gates = ParticipantGates(limits: CallAdmission.Limits(settings), logger: logger)
    let reader = BranchReader(settings.defaults)
    let (pool, teller) = (pool, teller)
    let participants = zip(loops, httpClients).map { loop, httpClient in
      Participants(
        settings.limits, pool: pool, httpClient: httpClient, gates: gates,
        eventLoop: loop.eventLoop, incarnation: { clock.incarnation })
    }
    for (index, loop) in loops.enumerated() {
      loop.attach(
        Shard(
          index: index, limits: Shard.Limits(settings, shardCount: loopCount), store: store,
          participants: participants[index], environment: loop,
          observer: DriverObserver(
            logger: logger, shard: index, webhooks: webhooks,
            completionIsDue: { teller.nudge() }),
          decode: reader.definition(of:)))
    }
    keeper.attach(
      Keeper(
        settings: Keeper.Settings(settings), store: store, sink: loopCount, environment: keeper))
    let catalog = try ProtoCatalog(descriptorSet: ReflectionDescriptors.serialized)
    teller.attach(
      CompletionTeller(
        settings: CompletionTeller.Settings(), store: store, sink: loopCount + 1,
        environment: teller,
        call: CompletionReader(branches: reader, json: JSONMapping(catalog)).call(for:)),
      sender: participants[0])
    let router = try CoordinatorRuntime.router(settings, shards, clock, reader, health)
    server = Server(
      configuration: Server.Configuration(settings), router: router, group: group, logger: logger)
    gateway = try Gateway.Configuration(settings).map { configuration in
      try Gateway(
        configuration: configuration, routes: HTTPRoutes.all, router: router,
        catalog: catalog, title: "Caravan",
        group: group, logger: logger)
    }
  }

  private static func router(
    _ settings: Settings, _ shards: ShardSet, _ clock: NodeClock, _ reader: BranchReader,
    _ health: HealthRegistry
  ) throws -> Router {
    var router = Router()
    let coordinator = CoordinatorService(
      shards: shards, reader: reader, settings: settings, now: { clock.now })
    coordinator.register(on: &router)
    EasyCarService(coordinator: coordinator, automaticPhaseTwo: settings.easycarAutomaticPhaseTwo)
      .register(on: &router)
    HealthService(registry: health).register(on: &router)
    try ReflectionService.register(on: &router)
    return router
  }

  /// Opens the database, joins, and serves.
  ///
  /// - Returns: the addresses that are listened on
  func start() async throws -> (grpc: Address, http: Address?) {
    let store = store
    try await OwnThread.run(name: "store-start") { try store.start() }
    keeper.start()
    teller.start()
    let http = try await startHTTP()
    return (grpc: try await startGRPC(), http: http)
  }

  private func startGRPC() async throws(ListenError) -> Address {
    do {
      return try await server.start()
    } catch {
      throw ListenError(error, flag: "--listen", settings.listen)
    }
  }

  private func startHTTP() async throws(ListenError) -> Address? {
    guard let gateway, let endpoint = settings.httpListen else { return nil }
    do {
      return try await gateway.start()
    } catch {
      throw ListenError(error, flag: "--http-listen", endpoint)
    }
  }

  /// Takes no more calls, lets those under way end, gives the lease back and closes.
  ///
  /// Transactions that have not ended stay as they are durable; the next start goes on with them.
  func drain() async {
    health.drain()
    for loop in shards.loops { loop.run { $0.drain() } }
    async let http: Void? = gateway?.shutdownGracefully(grace: settings.drainGrace)
    await server.shutdownGracefully(grace: settings.drainGrace)
    teller.stop()
    await http
    try? await keeper.leave().get()
    await webhooks.stop()
    await pool.shutdown()
    for client in httpClients { try? await client.shutdown() }
    try? await webhookClient.shutdown()
    let store = store
    await OwnThread.run(name: "store-stop") { store.stop() }
    try? await group.shutdownGracefully()
  }
}
