import Messages
import ProtoWire

/// Makes the requests of transactions that differ in their id alone.
///
/// Each request is encoded once; a transaction gets a copy of it with its number written over the
/// digits of the id, which is the first field of every request.
struct TransactionMaker: Sendable {
  private let execute: Template
  private let begin: Template
  private let register: Template
  private let commit: Template
  private let watch: Template
  private let idPrefix: String
  private let refusedShare: Double

  /// A request for a branch that is accepted, and one for a branch that is refused.
  private struct Template: Sendable {
    var accepted: [UInt8]
    var refused: [UInt8]

    init(accepted: [UInt8], refused: [UInt8]? = nil) {
      self.accepted = accepted
      self.refused = refused ?? accepted
    }
  }

  /// Digits of an id's number.
  private static let digits = 12

  /// `idPrefix` makes the ids of one run and thread unlike those of every other; with the number
  /// an id has at most 127 bytes, so that its length takes one byte.
  init(_ workload: Workload, participants: [String], idPrefix: String) {
    precondition(idPrefix.utf8.count + Self.digits < 128)
    self.idPrefix = idPrefix
    refusedShare = workload.refusedShare
    let id = Self.id(idPrefix, 0)
    let shapes = Branches(workload, participants: participants)
    let all = (shapes.make(lastIsRefused: false), shapes.make(lastIsRefused: true))
    let execution = { (branches: [CaravanV1.Branch]) in
      CaravanV1.ExecuteRequest {
        $0.id = id
        $0.branches = branches
        $0.wait = workload.wait.message
      }.wireBytes()
    }
    execute = Template(accepted: execution(all.0), refused: execution(all.1))
    let registration = { (branches: [CaravanV1.Branch]) in
      CaravanV1.RegisterRequest {
        $0.id = id
        $0.branches = branches
      }.wireBytes()
    }
    register = Template(accepted: registration(all.0), refused: registration(all.1))
    begin = Template(accepted: CaravanV1.BeginRequest { $0.id = id }.wireBytes())
    watch = Template(accepted: CaravanV1.WatchRequest { $0.id = id }.wireBytes())
    commit = Template(
      accepted: CaravanV1.CommitRequest {
        $0.id = id
        $0.wait = workload.wait.message
      }.wireBytes())
  }

  /// The id of the transaction with this number.
  func id(_ number: Int) -> String { Self.id(idPrefix, number) }

  private static func id(_ prefix: String, _ number: Int) -> String {
    let digits = String(number)
    return prefix + String(repeating: "0", count: Self.digits - digits.count) + digits
  }

  /// Whether the last branch of the transaction with this number is to be refused: evenly spread,
  /// as many as the share says.
  func isRefused(_ number: Int) -> Bool {
    let share = refusedShare
    return (Double(number + 1) * share).rounded(.down) > (Double(number) * share).rounded(.down)
  }

  func executeRequest(_ number: Int) -> [UInt8] { request(execute, number) }
  func beginRequest(_ number: Int) -> [UInt8] { request(begin, number) }
  func registerRequest(_ number: Int) -> [UInt8] { request(register, number) }
  func commitRequest(_ number: Int) -> [UInt8] { request(commit, number) }
  func watchRequest(_ number: Int) -> [UInt8] { request(watch, number) }

  private func request(_ template: Template, _ number: Int) -> [UInt8] {
    var request = isRefused(number) ? template.refused : template.accepted
    // Behind the field's tag and length.
    var place = 2 + idPrefix.utf8.count + Self.digits
    var rest = number
    while rest > 0 {
      place -= 1
      request[place] = UInt8(ascii: "0") + UInt8(rest % 10)
      rest /= 10
    }
    return request
  }
}

/// The branches of a workload, as messages.
private struct Branches {
  let workload: Workload
  /// Addresses for gRPC, URLs for HTTP.
  let participants: [BranchShape.Language: [String]]
  let payload: [UInt8]

  init(_ workload: Workload, participants: [String]) {
    self.workload = workload
    self.participants = Dictionary(grouping: participants) { $0.language }
    // Bytes without a pattern, so that nothing between here and the disk compresses them away.
    var generator = SystemRandomNumberGenerator()
    payload = (0..<workload.payloadBytes).map { _ in UInt8.random(in: 0...255, using: &generator) }
  }

  func make(lastIsRefused: Bool) -> [CaravanV1.Branch] {
    workload.branches.enumerated().map { index, shape in
      let isRefused = lastIsRefused && index == workload.branches.count - 1
      let places = participants[shape.language] ?? []
      precondition(!places.isEmpty, "no participant for \(shape)")
      let place = places[index % places.count]
      let make = { (method: ParticipantMethod) in call(method, over: shape.language, at: place) }
      return CaravanV1.Branch {
        $0.id = "b\(index)"
        $0.level = shape.level
        switch shape.mode {
        case .tcc:
          $0.mode = .tcc
          $0.phaseOne = make(isRefused ? .refuse : .try)
          $0.confirm = make(.confirm)
          $0.undo = make(.cancel)
        case .saga:
          $0.mode = .saga
          $0.phaseOne = make(isRefused ? .refuse : .action)
          $0.undo = make(.compensate)
        }
      }
    }
  }

  private func call(
    _ method: ParticipantMethod, over language: BranchShape.Language, at place: String
  ) -> CaravanV1.Call {
    CaravanV1.Call {
      switch language {
      case .grpc:
        $0.target = .grpc(
          CaravanV1.GrpcTarget {
            $0.address = place
            $0.method = method.path
          })
      case .http: $0.target = .http(CaravanV1.HttpTarget { $0.url = place + method.webPath })
      }
      $0.payload = payload
    }
  }
}

extension String {
  /// What the participant at this place speaks.
  package var language: BranchShape.Language { hasPrefix("http://") ? .http : .grpc }
}
