import Messages
import ProtoWire

/// Makes the requests of transactions that differ in their id alone.
///
/// All but the id is encoded once: protobuf's fields may stand in any order, so that the id, which
/// is the first field of every request here, can follow the others.
struct TransactionMaker: Sendable {
  private let execute: Template
  private let register: Template
  private let commit: [UInt8]
  private let idPrefix: String
  private let refusedShare: Double

  private struct Template: Sendable {
    var accepted: [UInt8]
    var refused: [UInt8]
  }

  /// `idPrefix` makes the ids of one run and thread unlike those of every other.
  init(_ workload: Workload, participants: [String], idPrefix: String) {
    self.idPrefix = idPrefix
    refusedShare = workload.refusedShare
    let shapes = Branches(workload, participants: participants)
    let all = (shapes.make(lastIsRefused: false), shapes.make(lastIsRefused: true))
    let request = { (branches: [CaravanV1.Branch]) in
      var request = CaravanV1.ExecuteRequest()
      request.branches = branches
      request.wait = workload.wait.message
      return request.wireBytes()
    }
    execute = Template(accepted: request(all.0), refused: request(all.1))
    let registration = { (branches: [CaravanV1.Branch]) in
      var request = CaravanV1.RegisterRequest()
      request.branches = branches
      return request.wireBytes()
    }
    register = Template(accepted: registration(all.0), refused: registration(all.1))
    commit = CaravanV1.CommitRequest { $0.wait = workload.wait.message }.wireBytes()
  }

  /// The id of the transaction with this number.
  func id(_ number: Int) -> String { "\(idPrefix)\(number)" }

  /// Whether the last branch of the transaction with this number is to be refused: evenly spread,
  /// as many as the share says.
  func isRefused(_ number: Int) -> Bool {
    let share = refusedShare
    return (Double(number + 1) * share).rounded(.down) > (Double(number) * share).rounded(.down)
  }

  func executeRequest(_ number: Int) -> [UInt8] {
    (isRefused(number) ? execute.refused : execute.accepted) + idField(number)
  }

  func beginRequest(_ number: Int) -> [UInt8] { idField(number) }

  func registerRequest(_ number: Int) -> [UInt8] {
    (isRefused(number) ? register.refused : register.accepted) + idField(number)
  }

  func commitRequest(_ number: Int) -> [UInt8] { commit + idField(number) }

  func watchRequest(_ number: Int) -> [UInt8] { idField(number) }

  private func idField(_ number: Int) -> [UInt8] {
    CaravanV1.GetRequest { $0.id = id(number) }.wireBytes()
  }
}

/// The branches of a workload, as messages.
private struct Branches {
  let workload: Workload
  let participants: [String]
  let payload: [UInt8]

  init(_ workload: Workload, participants: [String]) {
    self.workload = workload
    self.participants = participants
    // Bytes without a pattern, so that nothing between here and the disk compresses them away.
    var generator = SystemRandomNumberGenerator()
    payload = (0..<workload.payloadBytes).map { _ in UInt8.random(in: 0...255, using: &generator) }
  }

  func make(lastIsRefused: Bool) -> [CaravanV1.Branch] {
    workload.branches.enumerated().map { index, shape in
      let isRefused = lastIsRefused && index == workload.branches.count - 1
      let address = participants[index % participants.count]
      return CaravanV1.Branch {
        $0.id = "b\(index)"
        $0.level = shape.level
        switch shape.mode {
        case .tcc:
          $0.mode = .tcc
          $0.phaseOne = call(isRefused ? .refuse : .try, at: address)
          $0.confirm = call(.confirm, at: address)
          $0.undo = call(.cancel, at: address)
        case .saga:
          $0.mode = .saga
          $0.phaseOne = call(isRefused ? .refuse : .action, at: address)
          $0.undo = call(.compensate, at: address)
        }
      }
    }
  }

  private func call(_ method: ParticipantMethod, at address: String) -> CaravanV1.Call {
    CaravanV1.Call {
      $0.target = .grpc(
        CaravanV1.GrpcTarget {
          $0.address = address
          $0.method = method.path
        })
      $0.payload = payload
    }
  }
}
