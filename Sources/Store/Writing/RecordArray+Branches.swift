import Mode
import Postgres

/// Branches as records of the types that migration 4 made.
extension RecordArray {
  /// The longest target kept for those who read the table.
  private static let targetBytesMax = 4096

  /// Appends a transaction's branches as rows of their own (`caravan.new_branch`), numbered from 0.
  mutating func append(_ branches: [BranchRecord], of transaction: String, branchesMax: Int) {
    for (position, branch) in branches.enumerated() {
      let record = beginRecord(fields: 9)
      add(transaction)
      add(Int32(clamping: position))
      addColumns(of: branch)
      add(Int32(clamping: branchesMax))
      end(record)
    }
  }

  /// Adds a field that holds branches (`caravan.branch_definition[]`).
  mutating func add(_ branches: [BranchRecord]) {
    let array = beginArray(count: branches.count)
    for branch in branches {
      let item = beginItem(fields: 6)
      addColumns(of: branch)
      end(item)
    }
    end(array)
  }

  private mutating func addColumns(of branch: BranchRecord) {
    add(branch.id)
    add(Int32(clamping: branch.level))
    add(Int16(branch.mode.rawValue))
    add(Int16(branch.role.rawValue))
    add(StoredText.clean(branch.target, bytesMax: Self.targetBytesMax))
    add(branch.definition)
  }
}
