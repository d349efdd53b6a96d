/// A call that waits in a `DeadlineQueue`.
package protocol Expiring: AnyObject {
  /// It ended; its deadline means nothing any more. Stays true.
  var isOver: Bool { get }
}

/// Deadlines of many calls, of which nearly all end before theirs: a heap whose dead entries are
/// thrown out when they outnumber the living. Times are nanoseconds of a clock that only grows.
package struct DeadlineQueue {
  private struct Entry {
    var deadline: UInt64
    var call: any Expiring
  }

  private var heap: [Entry] = []
  /// Entries whose call has ended, as far as told.
  private var dead = 0

  package init() {}

  package var count: Int { heap.count }

  /// The earliest deadline; may belong to a call that ended.
  package var earliest: UInt64? { heap.first?.deadline }

  package mutating func insert(_ call: any Expiring, deadline: UInt64) {
    heap.append(Entry(deadline: deadline, call: call))
    siftUp(heap.count - 1)
  }

  /// Says that a call with an entry is over.
  package mutating func oneIsOver() {
    dead += 1
    guard dead >= 64, dead * 2 > heap.count else { return }
    heap.removeAll { $0.call.isOver }
    dead = 0
    for parent in stride(from: heap.count / 2 - 1, through: 0, by: -1) { siftDown(parent) }
  }

  /// Takes the next entry that is due at `now`.
  package mutating func popDue(at now: UInt64) -> (any Expiring)? {
    guard let first = heap.first, first.deadline <= now else { return nil }
    let last = heap.removeLast()
    if !heap.isEmpty {
      heap[0] = last
      siftDown(0)
    }
    if dead > heap.count { dead = heap.count }
    return first.call
  }

  private mutating func siftUp(_ start: Int) {
    var child = start
    while child > 0 {
      let parent = (child - 1) / 2
      guard heap[child].deadline < heap[parent].deadline else { return }
      heap.swapAt(child, parent)
      child = parent
    }
  }

  private mutating func siftDown(_ start: Int) {
    var parent = start
    while true {
      var smallest = parent
      for child in 2 * parent + 1...2 * parent + 2
      where child < heap.count && heap[child].deadline < heap[smallest].deadline {
        smallest = child
      }
      guard smallest != parent else { return }
      heap.swapAt(parent, smallest)
      parent = smallest
    }
  }
}
