extension NewTransaction {
  /// Every change of owner raises the fence, the first owner's counting as one.
  var firstFence: Int64 { owner == nil ? 0 : 1 }

  /// The row as it stands after the insert.
  package var stored: StoredTransaction {
    StoredTransaction(
      id: id, contentHash: contentHash, deadline: deadline, createdAt: createdAt, owner: owner,
      fence: firstFence, point: point, branches: branches, branchCount: branches.count,
      intent: point.state.intent, writtenBy: owner,
      completion: completion.map { CompletionRecord(definition: $0, due: point.endedAt) })
  }
}
