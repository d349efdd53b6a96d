import GRPC
package import Logging
package import NIOCore
import Synchronization
package import Transport

/// What the participants of a run serve.
enum ParticipantMethod: String, CaseIterable {
  case `try` = "Try"
  case confirm = "Confirm"
  case cancel = "Cancel"
  case action = "Action"
  case compensate = "Compensate"
  case refuse = "Refuse"

  var path: String { "/caravan.bench.Participant/\(rawValue)" }
  var webPath: String { "/\(rawValue)" }
}

/// Participants that remember nothing and answer at once, or after a fixed delay: whatever a run
/// measures, it is not them.
package final class BenchParticipants: Sendable {
  private let server: Server
  private let web: WebParticipants
  private let count: Count

  private final class Count: Sendable {
    let calls = Atomic<Int>(0)
    let underWay = Atomic<Int>(0)
    let underWayMost = Atomic<Int>(0)

    func begin() {
      calls.wrappingAdd(1, ordering: .relaxed)
      let now = underWay.wrappingAdd(1, ordering: .relaxed).newValue
      underWayMost.max(now, ordering: .relaxed)
    }

    func end() { underWay.wrappingSubtract(1, ordering: .relaxed) }
  }

  package init(
    listen: Address, delay: TimeAmount = .zero, group: any EventLoopGroup, logger: Logger
  ) {
    var router = Router()
    let refusal = Status(.failedPrecondition, "refused, as the workload says")
    let count = Count()
    for method in ParticipantMethod.allCases {
      let answer: @Sendable (UnaryCall) -> Void = { call in
        if method == .refuse { call.fail(refusal) } else { call.succeed([]) }
      }
      router.unary(method.path) { call in
        count.begin()
        guard delay > .zero else {
          answer(call)
          return count.end()
        }
        let later = call.eventLoop.scheduleTask(in: delay) {
          answer(call)
          count.end()
        }
        call.onCancel { _ in
          later.cancel()
          count.end()
        }
      }
    }
    self.count = count
    web = WebParticipants(delay: delay, group: group) {
      count.calls.wrappingAdd(1, ordering: .relaxed)
    }
    server = Server(
      configuration: Server.Configuration(address: listen), router: router, group: group,
      logger: logger)
  }

  /// Calls that have come in so far.
  package var calls: Int { count.calls.load(ordering: .relaxed) }

  /// The most that were under way at the same time.
  package var callsAtOnceMost: Int { count.underWayMost.load(ordering: .relaxed) }

  /// Listens for gRPC; returns the address with its real port.
  package func start() async throws -> Address {
    try await server.start()
  }

  /// Listens for HTTP, too; returns the URL with its real port, without a path.
  package func startWeb(host: String, port: Int) async throws -> String {
    try await web.start(host: host, port: port)
  }

  package func stop() async {
    await web.stop()
    await server.shutdownGracefully(grace: .seconds(1))
  }
}
