package import Mode

/// A branch as it was registered; its row is never updated.
package struct BranchRecord: Equatable, Sendable {
  package var id: String
  package var level: UInt32
  package var mode: BranchMode
  package var role: BranchPlan.Role
  /// Whom phase one calls, for those who read the table: `grpc://stock:9000/shop.Stock/Reserve`.
  package var target: String
  /// The branch as it was sent, in canonical protobuf.
  package var definition: [UInt8]

  package init(
    id: String, level: UInt32, mode: BranchMode, role: BranchPlan.Role, target: String,
    definition: [UInt8]
  ) {
    self.id = id
    self.level = level
    self.mode = mode
    self.role = role
    self.target = target
    self.definition = definition
  }
}
