import Mode
import Store

/// A request that waits for the write of another one with the same id.
struct LaneEntry {
  var run: () -> Void
  var fail: (RequestError) -> Void
}

extension NewTransaction {
  /// The row as it stands after the insert.
  var stored: StoredTransaction {
    StoredTransaction(
      id: id, contentHash: contentHash, deadline: deadline, createdAt: createdAt, owner: owner,
      fence: owner == nil ? 0 : 1, point: point, branches: branches,
      branchCount: branches.count,
      completion: completion.map { CompletionRecord(definition: $0) })
  }
}
