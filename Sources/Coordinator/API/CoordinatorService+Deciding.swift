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
    move(request.id, .start, to: .prepared, .start, call) { view in
      CaravanV1.StartResponse { $0.transaction = CaravanV1.Transaction(view) }.wireBytes()
    }
  }

  func commit(_ call: UnaryCall) {
    guard
      let request: CaravanV1.CommitRequest = request(
        of: call, .commit, id: \.id, check: rules.check)
    else { return }
    move(request.id, .commit, to: Waiter.Goal(request.wait), .commit, call) { view in
      CaravanV1.CommitResponse { $0.transaction = CaravanV1.Transaction(view) }.wireBytes()
    }
  }

  func rollback(_ call: UnaryCall) {
    guard
      let request: CaravanV1.RollbackRequest = request(
        of: call, .rollback, id: \.id, check: rules.check)
    else { return }
    let verb = Shard.Verb.rollback(text: request.reason)
    move(request.id, verb, to: Waiter.Goal(request.wait), .rollback, call) { view in
      CaravanV1.RollbackResponse { $0.transaction = CaravanV1.Transaction(view) }.wireBytes()
    }
  }

  /// Asks for a move and answers once it got there: with the response, or with an error that says
  /// what became of the transaction instead.
  func move(
    _ id: String, _ verb: Shard.Verb, to goal: Waiter.Goal, _ kind: RequestKind,
    _ call: UnaryCall, _ response: @escaping @Sendable (TransactionView) -> [UInt8]
  ) {
    let goal = self.goal(goal, of: call, id: id)
    shards.onShard(of: id) { shard in
      shard.request(verb, id: id, goal: goal) { outcome in
        Self.answer(call, kind, id: id, outcome, shard, response)
      }
    }
  }
}
