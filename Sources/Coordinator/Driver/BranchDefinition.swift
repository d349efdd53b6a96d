import Mode
import Store

/// A registered branch, ready to be driven.
struct BranchDefinition: Equatable, Sendable {
  var record: BranchRecord
  var plan: BranchPlan
  var phaseOne: CallDefinition?
  var confirm: CallDefinition?
  var undo: CallDefinition?

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
  enum Target: Equatable, Sendable {
    /// `host:port` or `unix:/path`, and `/package.Service/Method`.
    case grpc(address: String, method: String)
  }
  var target: Target
  var payload: [UInt8]
  /// Sent with the call, in this order.
  var metadata: [(name: String, value: String)]
  /// Status codes beside OK that mean done.
  var alsoDoneOn: [Int32]

  static func == (left: CallDefinition, right: CallDefinition) -> Bool {
    left.target == right.target && left.payload == right.payload
      && left.alsoDoneOn == right.alsoDoneOn
      && left.metadata.elementsEqual(right.metadata, by: ==)
  }
}
