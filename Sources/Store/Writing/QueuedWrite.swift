import Mode

/// A write that waits for its answer.
///
/// A class, because a write is large and a queue moves it often. Sendable, because it belongs to
/// one thread at a time: the one that submits it, then its writer's.
final class QueuedWrite: @unchecked Sendable {
  var write: Write
  let ticket: UInt64
  let shard: Int
  /// When it is answered `.failed` for want of a database.
  let giveUpAt: ContinuousClock.Instant
  /// Bytes that it carries, roughly: what bounds a batch beside the number of its items.
  let weight: Int
  /// How often it found that its condition holds by now.
  var repeats = 0

  init(write: Write, ticket: UInt64, shard: Int, giveUpAt: ContinuousClock.Instant) {
    self.write = write
    self.ticket = ticket
    self.shard = shard
    self.giveUpAt = giveUpAt
    weight = write.weight
  }
}

extension Write {
  /// What no statement could do, since an array has no key: nil where there is nothing.
  package var objection: String? {
    let branches: [BranchRecord]
    switch self {
    case .insert(let new): branches = new.branches
    case .register(_, let new, _): branches = new
    case .take, .update: return nil
    }
    return branches.repeatedID.map { "branch \($0) is there twice" }
  }

  /// The same without branches that the row has already, for which nothing remains to be done.
  func remaining(besides row: StoredTransaction?) -> Write {
    guard case .register(let id, let branches, let max) = self, let row else { return self }
    return .register(id: id, branches: branches.missing(from: row.branches), branchesMax: max)
  }

  /// A row's fixed part, roughly.
  private static let rowBytes = 256

  fileprivate var weight: Int {
    func weigh(_ branches: [BranchRecord]) -> Int {
      branches.reduce(Self.rowBytes) { $0 + Self.rowBytes + $1.definition.count }
    }
    func weigh(_ point: PointRecord) -> Int {
      point.outcomes.reduce(0) { $0 + 64 + ($1.reply?.count ?? 0) + $1.error.utf8.count }
    }
    return switch self {
    case .insert(let new): weigh(new.branches) + weigh(new.point)
    case .register(_, let branches, _): weigh(branches)
    case .take: Self.rowBytes
    case .update(let update):
      update.notes.reduce(Self.rowBytes + weigh(update.point)) { $0 + 64 + $1.text.utf8.count }
    }
  }
}
