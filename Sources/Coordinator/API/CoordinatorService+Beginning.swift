import GRPC
import Messages
import Mode
import ProtoWire
import Store
import Transport

/// Begin, Register and Execute: what brings branches.
extension CoordinatorService {
  func begin(_ call: UnaryCall) {
    guard
      var request: CaravanV1.BeginRequest = request(
        of: call, .begin, id: \.id, check: rules.check)
    else { return }
    if request.id.isEmpty { request.id = TransactionID.generate() }
    let id = request.id
    let new = newTransaction(
      id, ContentHash.of(request), request.timeout, branches: [],
      completion: request.completion)
    shards.onShard(of: id) { shard in
      shard.begin(new) { outcome in
        switch outcome {
        case .success(let view):
          call.succeed(
            CaravanV1.BeginResponse {
              $0.id = view.stored.id
              $0.deadline = GoogleProtobuf.Timestamp(view.stored.deadline)
            }.wireBytes())
        case .failure(let error):
          Self.fail(call, .begin, id: id, error, shard)
        }
      }
    }
  }

  func register(_ call: UnaryCall) {
    var read = CallPassings()
    guard
      let request: CaravanV1.RegisterRequest = request(
        of: call, .register, id: \.id, check: { read = rules.check($0, &$1) })
    else { return }
    let passings = read
    guard let definitions = definitions(of: request.branches, passings, call) else { return }
    let id = request.id
    let records = definitions.map(\.record)
    let service = self
    let looksElsewhere = rules.sourcesElsewhere(request.branches, passings)
    shards.onShard(of: id) { shard in
      guard looksElsewhere else { return Self.register(id, records, call, shard) }
      // Branches are only ever added, so what is found now stays true.
      shard.get(id: id) { outcome in
        switch outcome {
        case .success(let view):
          var violations = FieldViolations()
          service.rules.checkSources(
            request.branches, passings, known: view.stored.branches.compactMap(\.message),
            isWhole: true, &violations)
          guard violations.isEmpty else {
            return call.fail(.refused(violations, .register, id: id))
          }
          Self.register(id, records, call, shard)
        case .failure(let error):
          Self.fail(call, .register, id: id, error, shard)
        }
      }
    }
  }

  private static func register(
    _ id: String, _ records: [BranchRecord], _ call: UnaryCall, _ shard: Shard
  ) {
    shard.register(id: id, branches: records) { outcome in
      switch outcome {
      case .success(let count):
        call.succeed(
          CaravanV1.RegisterResponse { $0.branchCount = UInt32(count) }.wireBytes())
      case .failure(let error):
        Self.fail(call, .register, id: id, error, shard)
      }
    }
  }

  func execute(_ call: UnaryCall) {
    var passings = CallPassings()
    guard
      var request: CaravanV1.ExecuteRequest = request(
        of: call, .execute, id: \.id, check: { passings = rules.check($0, &$1) })
    else { return }
    guard let definitions = definitions(of: request.branches, passings, call) else { return }
    if request.id.isEmpty { request.id = TransactionID.generate() }
    let id = request.id
    let goal = goal(Waiter.Goal(request.wait), of: call, id: id)
    let records = definitions.map(\.record)
    let hash = ContentHash.of(request, branches: records.map(\.definition))
    let new = newTransaction(
      id, hash, request.timeout, branches: records, completion: request.completion)
    shards.onShard(of: id) { shard in
      shard.execute(new, definitions: definitions, goal: goal) { outcome in
        Self.answer(call, .execute, id: id, outcome, shard) { view in
          CaravanV1.ExecuteResponse { $0.transaction = CaravanV1.Transaction(view) }.wireBytes()
        }
      }
    }
  }

  /// A transaction whose time begins now.
  func newTransaction(
    _ id: String, _ hash: [UInt8], _ timeout: GoogleProtobuf.Duration?, branches: [BranchRecord],
    completion: CaravanV1.Completion? = nil
  ) -> NewTransaction {
    let now = now()
    return NewTransaction(
      id: id, contentHash: hash, deadline: now + (Span(timeout) ?? deadlineDefault),
      createdAt: now, owner: nil, point: PointRecord(state: .active), branches: branches,
      completion: completion?.wireBytes())
  }

  /// Branches that were checked, as the driver takes them; nil: the call was answered.
  func definitions(
    of branches: [CaravanV1.Branch], _ passings: CallPassings, _ call: UnaryCall
  ) -> [BranchDefinition]? {
    var definitions: [BranchDefinition] = []
    definitions.reserveCapacity(branches.count)
    let span = branches.span
    for index in span.indices {
      guard
        let definition = reader.definition(of: span[index], passing: { passings[index, $0] })
      else {
        call.fail(Status(.internal, "branch \(span[index].id) was checked and cannot be read"))
        return nil
      }
      definitions.append(definition)
    }
    return definitions
  }
}

extension Waiter.Goal {
  init(_ wait: CaravanV1.Wait) {
    switch wait {
    case .end, .unrecognized: self = .end
    case .decision: self = .decision
    case .none: self = .accepted
    }
  }
}
