import Mode
import Store

/// A registered branch, ready to be driven.
///
/// A class because it never changes, is handed on for every call, and has two dozen references
/// inside.
final class BranchDefinition: Equatable, Sendable {
  let record: BranchRecord
  let plan: BranchPlan
  let phaseOne: CallDefinition?
  let confirm: CallDefinition?
  let undo: CallDefinition?

  init(
    record: BranchRecord, plan: BranchPlan, phaseOne: CallDefinition?, confirm: CallDefinition?,
    undo: CallDefinition?
  ) {
    self.record = record
    self.plan = plan
    self.phaseOne = phaseOne
    self.confirm = confirm
    self.undo = undo
  }

  static func == (left: BranchDefinition, right: BranchDefinition) -> Bool {
    left.record == right.record && left.plan == right.plan && left.phaseOne == right.phaseOne
      && left.confirm == right.confirm && left.undo == right.undo
  }

  var id: String { record.id }

  /// The call that serves an action; nil where the branch has none.
  func call(for action: Action) -> CallDefinition? {
    switch action {
    case .try, .action: phaseOne
    case .confirm: confirm
    case .cancel, .compensation: undo
    }
  }
}

/// Where a call goes and what it carries.
struct CallDefinition: Equatable, Sendable {
  /// Bytes of all names and values of its metadata: more than that many servers refuse.
  static let metadataBytesMax = 8 << 10

  enum Target: Equatable, Sendable {
    /// `host:port` or `unix:/path`, and `/package.Service/Method`.
    case grpc(address: String, method: String)
    /// `POST`, say, and `http://host:port/path` or `https://…`.
    case http(method: String, url: String)
  }
  var target: Target
  var payload: [UInt8]
  /// Sent with the call, in this order: metadata on gRPC, headers on HTTP.
  var metadata: [(name: String, value: String)]
  /// What it takes from earlier replies; nil: nothing.
  var passing: Passing?
  /// Status codes that mean done, beside OK on gRPC and 2xx on HTTP.
  var alsoDoneOn: [Int32]

  static func == (left: CallDefinition, right: CallDefinition) -> Bool {
    left.target == right.target && left.payload == right.payload
      && left.alsoDoneOn == right.alsoDoneOn && left.passing == right.passing
      && left.metadata.elementsEqual(right.metadata, by: ==)
  }
}
