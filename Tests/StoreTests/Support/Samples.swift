import Mode

@testable import Store

/// Short ways to say what the tests write.
enum Sample {
  static func branch(
    _ id: String, level: UInt32 = 0, mode: BranchMode = .saga,
    role: BranchPlan.Role = .ordinary, definition: [UInt8]? = nil
  ) -> BranchRecord {
    BranchRecord(
      id: id, level: level, mode: mode, role: role, target: "grpc://stock:9000/shop.Stock/\(id)",
      definition: definition ?? Array(id.utf8))
  }

  /// An ACTIVE transaction without an owner.
  static func begin(
    _ id: String, hash: [UInt8] = [1], deadline: Instant? = nil, createdAt: Instant = created,
    branches: [BranchRecord] = []
  ) -> Write {
    .insert(
      NewTransaction(
        id: id, contentHash: hash, deadline: deadline ?? later, createdAt: createdAt, owner: nil,
        point: PointRecord(state: .active), branches: branches))
  }

  /// A transaction that is driven from its start.
  static func execute(
    _ id: String, owner: Int64, hash: [UInt8] = [1], deadline: Instant? = nil,
    point: PointRecord = PointRecord(state: .executing(.commit)),
    branches: [BranchRecord] = [branch("a"), branch("b")]
  ) -> Write {
    .insert(
      NewTransaction(
        id: id, contentHash: hash, deadline: deadline ?? later, createdAt: created, owner: owner,
        point: point, branches: branches))
  }

  static func update(
    _ id: String, owner: Int64, fence: Int64 = 1,
    from: Transaction.State = .executing(.commit), to point: PointRecord,
    needsDeadlineAhead: Bool = false, notes: [AttemptNote] = []
  ) -> Write {
    .update(
      Update(
        id: id, owner: owner, fence: fence, from: from, point: point,
        needsDeadlineAhead: needsDeadlineAhead, notes: notes))
  }

  static let created = Instant(milliseconds: 1_763_000_000_123)
  /// Ahead of any test.
  static let later = Instant(milliseconds: 4_000_000_000_000)
  /// Behind any test.
  static let past = Instant(milliseconds: 1_000_000_000_000)

  static let committed = PointRecord(state: .committed, endedAt: created)
  static let refused = ReasonRecord(cause: .refused, branch: 1, text: "no stock")
}
