import Mode
import Postgres

/// Branches as records of the types that migration 4 made.
extension RecordArray {
  /// The longest target kept for those who read the table.
  private static let targetBytesMax = 4096

  /// Appends a registration (`caravan.new_branches`), where there is something to register.
  mutating func append(_ branches: [BranchRecord], of transaction: String, countMax: Int) {
    if branches.isEmpty { return }
    let record = beginRecord(fields: 7)
    add(transaction)
    add(Int32(clamping: countMax))
    add(Int32(clamping: Write.branchBytesMax))
    add(branches)
    end(record)
  }

  /// Adds the fields that hold branches, and what is known of all of them.
  mutating func add(_ branches: [BranchRecord]) {
    add(branches.ordinaryLevelMax.map { Int32(clamping: $0) })
    add(branches.mustSucceedLevelMin.map { Int32(clamping: $0) })
    add(Int32(clamping: branches.definitionBytes))
    let array = beginArray(count: branches.count)
    for branch in branches {
      let item = beginItem(fields: 6)
      add(branch.id)
      add(Int32(clamping: branch.level))
      add(Int16(branch.mode.rawValue))
      add(Int16(branch.role.rawValue))
      add(StoredText.clean(branch.target, bytesMax: Self.targetBytesMax))
      add(branch.definition)
      end(item)
    }
    end(array)
  }
}
