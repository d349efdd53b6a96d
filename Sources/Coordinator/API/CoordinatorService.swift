import GRPC
import Messages
import Mode
import NIOCore
import ProtoWire
import Store
import Transport

/// `caravan.v1.Coordinator` over the driver.
///
/// A request is read and checked on the loop of its connection, then hops to the shard of its id;
/// what the shard answers becomes bytes there and goes back through the call. A caller who leaves
/// stops waiting, and that is all.
struct CoordinatorService: Sendable {
  let shards: any ShardDirectory
  let rules: RequestRules
  let reader: BranchReader
  /// From Begin to the decision, for callers who do not say.
  let deadlineDefault: Span

  /// The database's time, as well as this node knows it.
  let now: @Sendable () -> Instant

  init(
    shards: any ShardDirectory, reader: BranchReader, settings: Settings,
    now: @escaping @Sendable () -> Instant
  ) {
    self.shards = shards
    self.reader = reader
    self.now = now
    rules = RequestRules(settings)
    deadlineDefault = Span(settings.defaults.deadline)
  }

  /// Serves all methods.
  func register(on router: inout Router) {
    let service = self
    router.unary(CaravanV1.Coordinator.begin) { service.begin($0) }
    router.unary(CaravanV1.Coordinator.register) { service.register($0) }
    router.unary(CaravanV1.Coordinator.start) { service.start($0) }
    router.unary(CaravanV1.Coordinator.commit) { service.commit($0) }
    router.unary(CaravanV1.Coordinator.rollback) { service.rollback($0) }
    router.unary(CaravanV1.Coordinator.execute) { service.execute($0) }
    router.unary(CaravanV1.Coordinator.get) { service.get($0) }
    router.unary(CaravanV1.Coordinator.list) { service.list($0) }
    router.streaming(CaravanV1.Coordinator.watch) { service.watch($0) }
  }

  // MARK: What the methods share

  /// The request, read and checked; nil: the call was answered with what is wrong.
  func request<Request: WireMessage>(
    of call: UnaryCall, _ kind: RequestKind, id: (Request) -> String,
    check: (Request, inout FieldViolations) -> Void
  ) -> Request? {
    do {
      let request = try Request(wire: call.message)
      var violations = FieldViolations()
      check(request, &violations)
      if violations.isEmpty { return request }
      call.fail(.refused(violations, kind, id: id(request)))
    } catch {
      call.fail(.malformed(error, kind))
    }
    return nil
  }

  /// What a call waits for, until its caller leaves: then it stops waiting, and nothing else.
  func goal(_ goal: Waiter.Goal, of call: UnaryCall, id: String) -> Waiter.Goal {
    let asker = Asker()
    call.onCancel { _ in shards.onShard(of: id) { $0.leave(id, asker) } }
    return goal.asked(by: asker)
  }

  /// Answers with what became of a transaction that its caller wants moved.
  static func answer(
    _ call: UnaryCall, _ kind: RequestKind, id: String, _ outcome: RequestOutcome, _ shard: Shard,
    _ response: (TransactionView) -> [UInt8]
  ) {
    switch outcome {
    case .success(let view):
      if view.stored.point.state.decision == .rollback, kind != .rollback {
        call.fail(.rolledBack(view))
      } else {
        call.succeed(response(view))
      }
    case .failure(let error):
      fail(call, kind, id: id, error, shard)
    }
  }

  /// Answers with an error, which names the state of the transaction also where the driver did not
  /// say it.
  static func fail(
    _ call: UnaryCall, _ kind: RequestKind, id: String, _ error: RequestError, _ shard: Shard
  ) {
    switch error {
    case .branchConflict, .tooManyBranches, .branchesTooLarge, .plan:
      shard.get(id: id) { outcome in
        call.fail(Status(error, kind, id: id, view: try? outcome.get()))
      }
    case .notFound, .alreadyExists, .wrongState, .overloaded, .unavailable:
      call.fail(Status(error, kind, id: id))
    }
  }
}
