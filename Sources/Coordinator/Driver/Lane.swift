import Mode
import Store

/// Requests of one id whose transaction is not live: one at a time has a write under way, the
/// others wait.
struct Lane {
  /// A request that waits for the write of another one with the same id.
  struct Entry {
    var run: () -> Void
    var fail: (RequestError) -> Void
  }

  var waiting: [Entry] = []
  /// The next ones are being run.
  var isHandingOn = false
  /// The one that was run last is through already.
  var isFree = false
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
