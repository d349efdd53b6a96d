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

extension [BranchRecord] {
  /// The highest level of those that can be undone.
  var ordinaryLevelMax: UInt32? {
    reduce(nil) { $1.role == .mustSucceed ? $0 : Swift.max($0 ?? 0, $1.level) }
  }

  /// The lowest level of those that must succeed.
  var mustSucceedLevelMin: UInt32? {
    reduce(nil) { $1.role == .mustSucceed ? Swift.min($0 ?? .max, $1.level) : $0 }
  }

  /// Rule 4: those that must succeed stand on levels above all others.
  package var mustSucceedStandsAbove: Bool {
    guard let least = mustSucceedLevelMin, let others = ordinaryLevelMax else { return true }
    return least > others
  }

  /// What the definitions amount to.
  var definitionBytes: Int { reduce(0) { $0 + $1.definition.count } }

  /// Those that are not among the others, by their ids.
  package func missing(from others: [BranchRecord]) -> [BranchRecord] {
    let known = Set(others.map(\.id))
    return filter { !known.contains($0.id) }
  }

  /// The first id that stands there twice.
  var repeatedID: String? {
    if count < 2 || count == 2 && self[0].id != self[1].id { return nil }
    var seen: Set<String> = []
    return first { !seen.insert($0.id).inserted }?.id
  }
}
