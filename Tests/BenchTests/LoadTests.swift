import GRPC
import Logging
import Messages
import NIOConcurrencyHelpers
import NIOCore
import NIOPosix
import ProtoWire
import Testing
import Transport

@testable import Bench

/// A stand-in that answers as a coordinator would, over a real socket.
private struct StandIn {
  let server: Server
  let address: String
  let seen = NIOLockedValueBox(Seen())

  struct Seen {
    var ids: Set<String> = []
    var executes: [CaravanV1.ExecuteRequest] = []
    var steps: [String] = []
  }

  init(
    execute: @escaping @Sendable (UnaryCall, CaravanV1.ExecuteRequest) -> Void = { call, _ in
      call.succeed(CaravanV1.ExecuteResponse().wireBytes())
    }
  ) async throws {
    var router = Router()
    let seen = seen
    router.unary(CaravanV1.Coordinator.execute) { call in
      guard let request = try? CaravanV1.ExecuteRequest(wire: call.message) else {
        return call.fail(Status(.invalidArgument))
      }
      seen.withLockedValue {
        $0.ids.insert(request.id)
        $0.executes.append(request)
      }
      execute(call, request)
    }
    let steps = [
      CaravanV1.Coordinator.begin, CaravanV1.Coordinator.register, CaravanV1.Coordinator.commit,
    ]
    for path in steps {
      router.unary(path) { call in
        seen.withLockedValue { $0.steps.append(path) }
        call.succeed([])
      }
    }
    router.streaming(CaravanV1.Coordinator.watch) { call in
      for state in [CaravanV1.State.executing, .committed] {
        call.send(
          CaravanV1.WatchResponse {
            $0.transaction = CaravanV1.Transaction { $0.state = state }
          }.wireBytes())
      }
      call.finish()
    }
    server = Server(
      configuration: Server.Configuration(address: .host("127.0.0.1", port: 0)), router: router,
      group: MultiThreadedEventLoopGroup.singleton, logger: quiet)
    address = "\(try await server.start())"
  }

  func load(
    _ pace: LoadPlan.Pace, for duration: TimeAmount = .seconds(2),
    _ change: (inout Workload) -> Void = { _ in }
  ) async throws -> LoadResult {
    var workload = Workload(branches: try BranchShape.list("tcc,saga@1"))
    change(&workload)
    var plan = LoadPlan(pace: pace)
    plan.warmUp = .milliseconds(20)
    plan.duration = duration
    let generator = LoadGenerator(
      target: address, participants: ["127.0.0.1:1"], workload: workload, logger: quiet)
    let result = try await generator.run(plan)
    await server.shutdownGracefully(grace: .seconds(1))
    return result
  }
}

private let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

@Suite struct LoadTests {
  @Test func eachTransactionHasAnIdOfItsOwnAndTheBranchesAskedFor() async throws {
    let standIn = try await StandIn()
    let result = try await standIn.load(.closed(concurrency: 4))
    let seen = standIn.seen.withLockedValue { $0 }
    #expect(result.committed > 0)
    #expect(result.errors.isEmpty)
    #expect(seen.ids.count == result.endedEver)
    let branches = try #require(seen.executes.first).branches
    #expect(branches.map(\.mode) == [.tcc, .saga])
    #expect(branches.map(\.level) == [0, 1])
    #expect(branches[0].confirm != nil && branches[1].confirm == nil)
    #expect(branches.allSatisfy { $0.phaseOne?.payload.count == 200 })
  }

  @Test func aRollbackIsAnOutcomeAndNoError() async throws {
    let standIn = try await StandIn { call, _ in
      call.fail(Status(.aborted, "rolled back", details: [1]))
    }
    let result = try await standIn.load(.closed(concurrency: 2))
    #expect(result.rolledBack > 0)
    #expect(result.committed == 0)
    #expect(result.errors.isEmpty)
  }

  @Test func whatSaysNothingAboutTheOutcomeIsAnError() async throws {
    let standIn = try await StandIn { call, _ in call.fail(Status(.unavailable)) }
    let result = try await standIn.load(.closed(concurrency: 2))
    #expect(result.errors.keys.sorted() == ["UNAVAILABLE"])
    #expect(result.errorShare == 1)
    #expect(result.end.count == 0)
  }

  @Test func stepsAreBeginRegisterCommit() async throws {
    let standIn = try await StandIn()
    let result = try await standIn.load(.closed(concurrency: 1)) { $0.route = .steps }
    let steps = standIn.seen.withLockedValue { $0.steps }
    #expect(result.committed > 0)
    #expect(
      steps.prefix(3) == [
        CaravanV1.Coordinator.begin, CaravanV1.Coordinator.register, CaravanV1.Coordinator.commit,
      ])
  }

  @Test func anEarlyAnswerIsFollowedToTheEnd() async throws {
    let standIn = try await StandIn()
    let result = try await standIn.load(.closed(concurrency: 2)) { $0.wait = .none }
    #expect(result.committed > 0)
    #expect(result.errors.isEmpty)
    #expect(result.end.p50 >= (try #require(result.answer)).p50)
  }

  @Test func anOpenPaceCountsTheWaitingOfThoseThatCouldNotBegin() async throws {
    // Answers nobody: one transaction occupies the only place, the others wait until the end.
    let calls = NIOLockedValueBox<[UnaryCall]>([])
    let standIn = try await StandIn { call, _ in
      calls.withLockedValue { $0.append(call) }
      call.eventLoop.scheduleTask(in: .milliseconds(400)) { call.succeed([]) }
    }
    let result = try await standIn.load(
      .open(perSecond: 200, concurrencyMax: 1), for: .milliseconds(200))
    #expect(calls.withLockedValue { $0.count } <= 1)
    #expect(result.neverBegun > 0)
    #expect(result.end.count >= result.neverBegun)
    #expect(result.end.max > 0)
  }

  @Test func whoIsAskedWhetherAnybodyIsThere() async throws {
    let workload = Workload(branches: try BranchShape.list("saga"))
    let standIn = try await StandIn()
    let generator = { (target: String) in
      LoadGenerator(target: target, participants: [], workload: workload, logger: quiet)
    }
    // It does not know the health service, and says so itself.
    #expect(await generator(standIn.address).probe() == nil)
    #expect(
      await generator("127.0.0.1:1").probe()?.contains("connection refused by 127.0.0.1:1") == true)
    await standIn.server.shutdownGracefully(grace: .seconds(1))
  }

  @Test func theParticipantsAnswerWhatABranchCalls() async throws {
    let group = MultiThreadedEventLoopGroup.singleton
    let participants = BenchParticipants(
      listen: .host("127.0.0.1", port: 0), delay: .milliseconds(5), group: group, logger: quiet)
    let address = "\(try await participants.start())"
    let pool = ClientPool(group: group, logger: quiet)
    let start = NIODeadline.now()
    for method in ParticipantMethod.allCases {
      let reply = await pool.call(
        ClientRequest(address: address, path: method.path, timeout: .seconds(30)))
      #expect(reply.status.code == (method == .refuse ? .failedPrecondition : .ok))
    }
    let methods = ParticipantMethod.allCases.count
    #expect(participants.calls == methods)
    #expect(NIODeadline.now() - start >= .milliseconds(5 * Int64(methods)))
    await pool.shutdown()
    await participants.stop()
  }
}
