import GRPC
package import Logging
package import NIOCore
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
}

/// Participants that answer at once and remember nothing: whatever a run measures, it is not them.
package struct BenchParticipants: Sendable {
  private let server: Server

  package init(listen: Address, group: any EventLoopGroup, logger: Logger) {
    var router = Router()
    for method in ParticipantMethod.allCases {
      router.unary(method.path) { call in
        if method == .refuse {
          call.fail(Status(.failedPrecondition, "refused, as the workload says"))
        } else {
          call.succeed([])
        }
      }
    }
    server = Server(
      configuration: Server.Configuration(address: listen), router: router, group: group,
      logger: logger)
  }

  /// Listens; returns the address with its real port.
  package func start() async throws -> Address {
    try await server.start()
  }

  package func stop() async {
    await server.shutdownGracefully(grace: .seconds(1))
  }
}
