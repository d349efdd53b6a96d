import GRPC
import Messages
import ProtoWire
import Transport

/// Start, Commit and Rollback: what moves a transaction.
extension CoordinatorService {
  func start(_ call: UnaryCall) {
    guard
      let request: CaravanV1.StartRequest = request(
        of: call, .start, id: \.id, check: rules.check)
    else { return }
    let id = request.id
    let goal = goal(.prepared, of: call, id: id)
    shards.onShard(of: id) { shard in
      shard.request(.start, id: id, goal: goal) { outcome in
        Self.answer(call, .start, id: id, outcome, shard) { transaction in
          CaravanV1.StartResponse { $0.transaction = transaction }.wireBytes()
        }
      }
    }
  }

  func commit(_ call: UnaryCall) {
    guard
      let request: CaravanV1.CommitRequest = request(
        of: call, .commit, id: \.id, check: rules.check)
    else { return }
    let id = request.id
    let goal = goal(Waiter.Goal(request.wait), of: call, id: id)
    shards.onShard(of: id) { shard in
      shard.request(.commit, id: id, goal: goal) { outcome in
        Self.answer(call, .commit, id: id, outcome, shard) { transaction in
          CaravanV1.CommitResponse { $0.transaction = transaction }.wireBytes()
        }
      }
    }
  }

  func rollback(_ call: UnaryCall) {
    guard
      let request: CaravanV1.RollbackRequest = request(
        of: call, .rollback, id: \.id, check: rules.check)
    else { return }
    let id = request.id
    let goal = goal(Waiter.Goal(request.wait), of: call, id: id)
    let verb = Shard.Verb.rollback(text: request.reason)
    shards.onShard(of: id) { shard in
      shard.request(verb, id: id, goal: goal) { outcome in
        switch outcome {
        case .success(let view):
          call.succeed(
            CaravanV1.RollbackResponse { $0.transaction = CaravanV1.Transaction(view) }
              .wireBytes())
        case .failure(let error):
          Self.fail(call, .rollback, id: id, error, shard)
        }
      }
    }
  }
}
