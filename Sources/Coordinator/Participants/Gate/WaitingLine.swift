/// Calls in the order in which they came, each of which may leave before its turn.
struct WaitingLine: Equatable, Sendable {
  /// Those that have left stay here until they are passed over.
  private var order: [UInt64] = []
  private var head = 0
  private var present: Set<UInt64> = []

  var count: Int { present.count }

  mutating func append(_ number: UInt64) {
    order.append(number)
    present.insert(number)
  }

  mutating func popFirst() -> UInt64? {
    while head < order.count {
      let number = order[head]
      head += 1
      tidy()
      if present.remove(number) != nil { return number }
    }
    return nil
  }

  /// False: it is not in line.
  mutating func remove(_ number: UInt64) -> Bool {
    guard present.remove(number) != nil else { return false }
    tidy()
    return true
  }

  /// Room for those who have left, at most as much again as for those who wait.
  private mutating func tidy() {
    if present.isEmpty {
      order.removeAll(keepingCapacity: order.count <= Self.slack)
      head = 0
    } else if order.count > 2 * present.count + Self.slack {
      order = order[head...].filter(present.contains)
      head = 0
    }
  }

  private static let slack = 64
}
