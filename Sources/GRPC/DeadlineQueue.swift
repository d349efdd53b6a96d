/// Deadlines of many calls, of which nearly all end before theirs: a heap whose dead entries are thrown out when they
/// outnumber the living. Times are nanoseconds of a clock that only grows.
package struct DeadlineQueue<ID> {
  private struct Entry {
    var deadline: UInt64
    var id: ID
  }

  private var heap: [Entry] = []
  /// Entries whose call has ended, as far as told.
  private var dead = 0

  package init() {}

  package var count: Int { heap.count }

  /// The earliest deadline; may belong to a call that ended.
  package var earliest: UInt64? { heap.first?.deadline }

  package mutating func insert(_ id: ID, deadline: UInt64) {
    heap.append(Entry(deadline: deadline, id: id))
    siftUp(heap.count - 1)
  }

  /// Says that a call with an entry ended. `isAlive` is asked only when it is time to clean up.
  package mutating func remove(isAlive: (ID) -> Bool) {
    dead += 1
    guard dead >= 64, dead * 2 > heap.count else { return }
    heap.removeAll { !isAlive($0.id) }
    dead = 0
    // Sorted is a heap too, and this is rare.
    heap.sort { $0.deadline < $1.deadline }
  }

  /// Takes the next entry that is due at `now`.
  package mutating func popDue(at now: UInt64) -> ID? {
    guard let first = heap.first, first.deadline <= now else { return nil }
    let last = heap.removeLast()
    if !heap.isEmpty {
      heap[0] = last
      siftDown(0)
    }
    if dead > heap.count { dead = heap.count }
    return first.id
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
      for child in [2 * parent + 1, 2 * parent + 2]
      where child < heap.count && heap[child].deadline < heap[smallest].deadline {
        smallest = child
      }
      guard smallest != parent else { return }
      heap.swapAt(parent, smallest)
      parent = smallest
    }
  }
}
