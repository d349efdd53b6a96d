import AsyncHTTPClient
import Foundation
import GRPC
import Logging
import Messages
import Mode
import NIOCore
import NIOPosix
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
  private let shards: ShardSet
  private let keeper: KeeperLoop
  private let health: HealthRegistry
  private let server: Server

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
    health = HealthRegistry(services: [CaravanV1.Coordinator.serviceName])
    keeper = KeeperLoop(
      eventLoop: loops[0].eventLoop, clock: clock, shards: loops,
      liveMax: settings.liveTransactionsMax, health: health,
      shardOf: { ShardSet.index(of: $0, count: loopCount) }, logger: logger)
    store = PostgresStore(
      configuration: StoreConfiguration(settings), sinks: loops + [keeper],
      logger: logger)
    pool = ClientPool(group: group, logger: logger)
    httpClients = loops.map {
      HTTPClient(eventLoopGroupProvider: .shared($0.eventLoop), configuration: httpConfiguration)
    }
    let reader = BranchReader(settings.defaults)
    for (index, loop) in loops.enumerated() {
      loop.attach(
        Shard(
          index: index, limits: Shard.Limits(settings, shardCount: loopCount), store: store,
          participants: Participants(
            grpc: GRPCSender(
              pool: pool, eventLoop: loop.eventLoop,
              replyBytesMax: settings.limits.messageBytesMax,
              errorTextBytesMax: settings.limits.errorTextBytesMax),
            http: HTTPSender(
              client: httpClients[index], eventLoop: loop.eventLoop,
              keptBytesMax: settings.limits.replyBytesMax,
              replyBytesMax: settings.limits.messageBytesMax,
              errorTextBytesMax: settings.limits.errorTextBytesMax)),
          environment: loop, observer: DriverObserver(logger: logger, shard: index),
          decode: reader.definition(of:)))
    }
    keeper.attach(
      Keeper(
        settings: Keeper.Settings(settings), store: store, sink: loopCount, environment: keeper))
    server = Server(
      configuration: Server.Configuration(settings),
      router: try CoordinatorRuntime.router(settings, shards, clock, reader, health),
      group: group, logger: logger)
  }

  private static func router(
    _ settings: Settings, _ shards: ShardSet, _ clock: NodeClock, _ reader: BranchReader,
    _ health: HealthRegistry
  ) throws -> Router {
    var router = Router()
    CoordinatorService(
      shards: shards, reader: reader, settings: settings, now: { clock.now }
    ).register(on: &router)
    HealthService(registry: health).register(on: &router)
    try ReflectionService.register(on: &router)
    return router
  }

  /// Opens the database, joins, and serves.
  ///
  /// - Returns: the address that is listened on
  func start() async throws -> Address {
    try await openStore()
    keeper.start()
    return try await server.start()
  }

  private func openStore() async throws {
    let store = store
    try await withCheckedThrowingContinuation { continuation in
      // libpq blocks: not on a thread that others share.
      let thread = Thread {
        continuation.resume(with: Result { try store.start() })
      }
      thread.start()
    }
  }

  /// Takes no more calls, lets those under way end, gives the lease back and closes.
  ///
  /// Transactions that have not ended stay as they are durable; the next start goes on with them.
  func drain() async {
    health.drain()
    for loop in shards.loops { loop.run { $0.drain() } }
    await server.shutdownGracefully(grace: settings.drainGrace)
    try? await keeper.leave().get()
    await pool.shutdown()
    for client in httpClients { try? await client.shutdown() }
    store.stop()
    try? await group.shutdownGracefully()
  }
}
