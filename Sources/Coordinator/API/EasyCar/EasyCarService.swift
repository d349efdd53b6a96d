import GRPC
import Messages
import Mode
import ProtoWire
import Transport

/// `proto.EasyCar`, easycar's interface, over the same shards as `caravan.v1.Coordinator`.
///
/// The direction of a transaction is the one that the caller names: a Rollback of what has
/// committed is an error, and so is a Commit of what has rolled back.
struct EasyCarService: Sendable {
  let coordinator: CoordinatorService
  /// Start goes on with phase two.
  let automaticPhaseTwo: Bool

  private var rules: EasyCarRules { EasyCarRules(rules: coordinator.rules) }

  /// Serves all methods.
  func register(on router: inout Router) {
    let service = self
    router.unary(EasyCar.Service.begin) { service.begin($0) }
    router.unary(EasyCar.Service.register) { service.register($0) }
    router.unary(EasyCar.Service.start) { service.start($0) }
    router.unary(EasyCar.Service.commit) { service.commit($0) }
    router.unary(EasyCar.Service.rollback) { service.rollback($0) }
    router.unary(EasyCar.Service.getState) { service.getState($0) }
  }

  // MARK: Before anything runs

  /// The transaction is one that `caravan.v1`'s Begin would have made under this id.
  private func begin(_ call: UnaryCall) {
    let empty: GoogleProtobuf.Empty? = coordinator.request(
      of: call, .begin, id: { _ in "" }, check: { _, _ in })
    if empty == nil { return }
    let id = TransactionID.generate()
    let hash = ContentHash.of(CaravanV1.BeginRequest { $0.id = id })
    let new = coordinator.newTransaction(id, hash, nil, branches: [])
    coordinator.shards.onShard(of: id) { shard in
      shard.begin(new) { outcome in
        switch outcome {
        case .success: call.succeed(EasyCar.BeginResp { $0.gId = id }.wireBytes())
        case .failure(let error): CoordinatorService.fail(call, .begin, id: id, error, shard)
        }
      }
    }
  }

  private func register(_ call: UnaryCall) {
    var branches: [CaravanV1.Branch] = []
    let rules = rules
    guard
      let request: EasyCar.RegisterReq = coordinator.request(
        of: call, .register, id: \.gId,
        check: { request, violations in branches = rules.branches(of: request, &violations) }),
      let definitions = coordinator.definitions(of: branches, CallPassings(), call)
    else { return }
    let id = request.gId
    let records = definitions.map(\.record)
    coordinator.shards.onShard(of: id) { shard in
      shard.register(id: id, branches: records) { outcome in
        switch outcome {
        case .success: Self.succeed(call)
        case .failure(let error): CoordinatorService.fail(call, .register, id: id, error, shard)
        }
      }
    }
  }

  // MARK: What moves it

  private func start(_ call: UnaryCall) {
    guard
      let request: EasyCar.StartReq = coordinator.request(
        of: call, .start, id: \.gId, check: { rules.checkID($0.gId, &$1) })
    else { return }
    if automaticPhaseTwo {
      move(request.gId, .commit, to: .end, .start, call)
    } else {
      move(request.gId, .start, to: .prepared, .start, call)
    }
  }

  private func commit(_ call: UnaryCall) {
    guard
      let request: EasyCar.CommitReq = coordinator.request(
        of: call, .commit, id: \.gId, check: { rules.checkID($0.gId, &$1) })
    else { return }
    move(request.gId, .commit, to: .end, .commit, call)
  }

  private func rollback(_ call: UnaryCall) {
    guard
      let request: EasyCar.RollBckReq = coordinator.request(
        of: call, .rollback, id: \.gId, check: { rules.checkID($0.gId, &$1) })
    else { return }
    move(request.gId, .rollback(text: ""), to: .end, .rollback, call)
  }

  /// easycar's clients are told nothing of the transaction but that it got there.
  private func move(
    _ id: String, _ verb: Shard.Verb, to goal: Waiter.Goal, _ kind: RequestKind,
    _ call: UnaryCall
  ) {
    coordinator.move(id, verb, to: goal, kind, call) { _ in GoogleProtobuf.Empty().wireBytes() }
  }

  // MARK: Looking

  private func getState(_ call: UnaryCall) {
    guard
      let request: EasyCar.GetStateReq = coordinator.request(
        of: call, .getState, id: \.gId, check: { rules.checkID($0.gId, &$1) })
    else { return }
    let id = request.gId
    coordinator.shards.onShard(of: id) { shard in
      shard.get(id: id) { outcome in
        switch outcome {
        case .success(let view): call.succeed(EasyCar.GetStateResp(view).wireBytes())
        case .failure(let error): CoordinatorService.fail(call, .getState, id: id, error, shard)
        }
      }
    }
  }

  private static func succeed(_ call: UnaryCall) {
    call.succeed(GoogleProtobuf.Empty().wireBytes())
  }
}
