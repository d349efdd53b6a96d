import Mode
import Postgres

/// Branches of many transactions as the columns of one statement.
struct BranchColumns {
  /// The longest target kept for those who read the table.
  private static let targetBytesMax = 4096

  private var transactions = ArrayParameter<String>()
  private var positions = ArrayParameter<Int32>()
  private var ids = ArrayParameter<String>()
  private var levels = ArrayParameter<Int32>()
  private var modes = ArrayParameter<Int16>()
  private var roles = ArrayParameter<Int16>()
  private var targets = ArrayParameter<String>()
  private var definitions = ArrayParameter<[UInt8]>()

  var isEmpty: Bool { transactions.count == 0 }

  /// Appends a transaction's branches, numbered from 0.
  mutating func append(_ branches: [BranchRecord], of transaction: String) {
    for (position, branch) in branches.enumerated() {
      transactions.append(transaction)
      positions.append(Int32(position))
      ids.append(branch.id)
      levels.append(Int32(clamping: branch.level))
      modes.append(Int16(branch.mode.rawValue))
      roles.append(Int16(branch.role.rawValue))
      targets.append(StoredText.clean(branch.target, bytesMax: Self.targetBytesMax))
      definitions.append(branch.definition)
    }
  }

  var parameters: [Parameter] {
    [
      transactions.parameter, positions.parameter, ids.parameter, levels.parameter,
      modes.parameter, roles.parameter, targets.parameter, definitions.parameter,
    ]
  }
}
