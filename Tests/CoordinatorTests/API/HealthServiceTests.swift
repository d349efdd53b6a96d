import GRPC
import Messages
import ProtoWire
import Testing
import Transport

@testable import Coordinator

struct HealthServiceTests {
  private typealias Request = GRPCHealthV1.HealthCheckRequest
  private typealias Response = GRPCHealthV1.HealthCheckResponse

  private let registry = HealthRegistry(services: ["caravan.v1.Coordinator"])
  private let router: Router

  init() {
    var router = Router()
    HealthService(registry: registry).register(on: &router)
    self.router = router
  }

  @Test func checkTellsTheStatusOfAServiceAndOfTheServer() async throws {
    try await ServedRouter.run(router) { served in
      registry.set(.serving, for: "caravan.v1.Coordinator")
      #expect(await check("caravan.v1.Coordinator", served) == .serving)
      #expect(await check("", served) == .notServing)
      registry.setAll(.serving)
      #expect(await check("", served) == .serving)
    }
  }

  @Test func checkOfAnUnknownServiceIsNotFound() async throws {
    try await ServedRouter.run(router) { served in
      let request = Request { $0.service = "no.Service" }
      let reply = await served.call(GRPCHealthV1.Health.check, request.wireBytes())
      #expect(reply.status.code == .notFound)
      #expect(reply.status.message.contains("no.Service"))
    }
  }

  @Test(.timeLimit(.minutes(1)))
  func watchTellsTheStatusAndEveryChange() async throws {
    try await ServedRouter.run(router) { served in
      var came = watch("later", served).makeAsyncIterator()
      #expect(status(await came.next()) == .serviceUnknown)
      for wanted in [.notServing, .serving, .notServing] as [Response.ServingStatus] {
        registry.set(wanted, for: "later")
        #expect(status(await came.next()) == wanted)
      }
    }
  }

  @Test(.timeLimit(.minutes(1)))
  func drainingTellsWatchesThatNothingIsServedAndEndsThem() async throws {
    registry.setAll(.serving)
    try await ServedRouter.run(router) { served in
      var came = watch("", served).makeAsyncIterator()
      #expect(status(await came.next()) == .serving)
      registry.drain()
      #expect(status(await came.next()) == .notServing)
      #expect(await came.next()?.code == .unavailable)
      #expect(await check("", served) == .notServing)
    }
  }

  @Test(.timeLimit(.minutes(1)))
  func malformedRequestsAreInvalidArguments() async throws {
    try await ServedRouter.run(router) { served in
      let malformed: [UInt8] = [0x0a, 0x05, 0x61]
      let reply = await served.call(GRPCHealthV1.Health.check, malformed)
      #expect(reply.status.code == .invalidArgument)

      let path = GRPCHealthV1.Health.watch
      for messages in [[malformed], []] {
        var came = served.stream(path, messages).makeAsyncIterator()
        #expect(await came.next()?.code == .invalidArgument)
      }
      var twice = served.stream(path, [[], []]).makeAsyncIterator()
      var last = await twice.next()
      while let next = await twice.next() { last = next }
      #expect(last?.code == .invalidArgument)
    }
  }

  private func check(
    _ service: String, _ served: ServedRouter
  ) async -> Response.ServingStatus? {
    let request = Request { $0.service = service }
    let reply = await served.call(GRPCHealthV1.Health.check, request.wireBytes())
    return reply.message.flatMap { try? Response(wire: $0) }?.status
  }

  private func watch(_ service: String, _ served: ServedRouter) -> AsyncStream<ServedRouter.Came> {
    served.stream(
      GRPCHealthV1.Health.watch, [Request { $0.service = service }.wireBytes()])
  }

  private func status(_ came: ServedRouter.Came?) -> Response.ServingStatus? {
    came?.message.flatMap { try? Response(wire: $0) }?.status
  }
}
