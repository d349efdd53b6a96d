import GRPC
import Logging
import NIOCore
import Postgres
import Synchronization
import Transport

/// A service of the demo: native gRPC over a database of its own, taking part in transactions by
/// keeping the participant's contract.
final class Participant: Sendable {
  let name: String
  private let operations: [Operation]
  private let questions: [Question]
  private let books: Books
  private let log: CallLog
  private let group: any EventLoopGroup
  private let logger: Logger
  /// Serves what every gRPC service should beside its own: reflection.
  private let serveBeside: @Sendable (inout Router) throws -> Void
  private let running = Mutex<(server: Server, address: Address)?>(nil)
  /// The port that it has, once it has served: it comes back where it was.
  private let port: Mutex<Int>

  init(
    name: String, operations: [Operation], questions: [Question], port: Int, database: String,
    log: CallLog, group: any EventLoopGroup, logger: Logger,
    serveBeside: @escaping @Sendable (inout Router) throws -> Void
  ) {
    self.name = name
    self.operations = operations
    self.questions = questions
    self.port = Mutex(port)
    books = Books(database: database, name: name)
    self.log = log
    self.group = group
    self.logger = logger
    self.serveBeside = serveBeside
  }

  /// Where callers find it; nil while it is down.
  var address: Address? { running.withLock { $0?.address } }

  /// Comes up. Where its port is taken on the first start, it takes another.
  func start() async throws {
    let wanted = port.withLock { $0 }
    do {
      try await start(port: wanted)
    } catch {
      guard wanted != 0, running.withLock({ $0 }) == nil else { throw error }
      try await start(port: 0)
    }
  }

  private func start(port: Int) async throws {
    var router = Router()
    for operation in operations { router.unary(operation.path) { self.serve(operation, $0) } }
    for question in questions { router.unary(question.path) { self.serve(question, $0) } }
    try serveBeside(&router)
    let server = Server(
      configuration: Server.Configuration(address: .host("127.0.0.1", port: port)),
      router: router, group: group, logger: logger)
    let address = try await server.start()
    self.port.withLock { $0 = address.port ?? port }
    running.withLock { $0 = (server, address) }
  }

  /// Goes down: callers are refused the connection.
  func stop() async {
    let server = running.withLock { running in
      defer { running = nil }
      return running?.server
    }
    await server?.shutdownGracefully(grace: .zero)
  }

  /// Goes down for good.
  func close() async {
    await stop()
    await books.close()
  }

  private func serve(_ operation: Operation, _ call: UnaryCall) {
    guard let transaction = call.metadata.first("caravan-transaction"),
      let branch = call.metadata.first("caravan-branch")
    else {
      return call.fail(
        Status(
          .invalidArgument,
          "the metadata entries caravan-transaction and caravan-branch are missing"))
    }
    let key = BranchKey(participant: name, transaction: transaction, branch: branch)
    let action = call.metadata.first("caravan-action") ?? "\(operation.role)"
    let began = ContinuousClock.now
    call.eventLoop.scheduleTask(in: TimeAmount(operation.effort)) {
      self.books.use { connection in
        try ParticipantContract.answer(operation, key, call.message, over: connection)
      } then: { outcome in
        let status: Status
        let result: SeenCall.Result
        switch outcome {
        case .success(let answer):
          status = answer.status
          result = status.code == .ok ? .done : .refused(status.message)
        case .failure(let error):
          status = error as? Status ?? Status(.unavailable, "the books cannot be reached: \(error)")
          result = .failed(status.message)
        }
        // Before the answer: who has the answer finds the call in the log.
        self.log.add(
          SeenCall(
            participant: key.participant, transaction: transaction, branch: branch, action: action,
            began: began, ended: .now, result: result))
        if status.code == .ok, case .success(let answer) = outcome {
          call.succeed(answer.reply)
        } else {
          call.fail(status)
        }
      }
    }
  }

  private func serve(_ question: Question, _ call: UnaryCall) {
    books.use {
      try question.answer($0, call.message)
    } then: { outcome in
      switch outcome {
      case .success(let reply): call.succeed(reply)
      case .failure(let error):
        call.fail(error as? Status ?? Status(.unavailable, "the books cannot be reached: \(error)"))
      }
    }
  }
}
