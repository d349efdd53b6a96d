import Mode

/// The live transactions of a shard by the time something is due: one timer for all of them.
///
/// A binary heap in which each transaction knows its place, so that one that ends leaves at once.
struct DueHeap {
  private var heap: [LiveTransaction] = []

  var count: Int { heap.count }
  var first: LiveTransaction? { heap.first }

  /// Sets when `live` is due; nil: not at all.
  mutating func set(_ live: LiveTransaction, due: Instant?) {
    guard let due else { return remove(live) }
    if live.heapIndex >= 0, live.due == due { return }
    live.due = due
    if live.heapIndex < 0 {
      live.heapIndex = heap.count
      heap.append(live)
      rise(from: live.heapIndex)
    } else {
      rise(from: live.heapIndex)
      sink(from: live.heapIndex)
    }
  }

  mutating func remove(_ live: LiveTransaction) {
    let index = live.heapIndex
    guard index >= 0 else { return }
    live.heapIndex = -1
    let last = heap.removeLast()
    guard index < heap.count else { return }
    heap[index] = last
    last.heapIndex = index
    rise(from: index)
    sink(from: last.heapIndex)
  }

  private mutating func rise(from start: Int) {
    var index = start
    while index > 0 {
      let parent = (index - 1) / 2
      guard heap[index].due < heap[parent].due else { return }
      swap(index, parent)
      index = parent
    }
  }

  private mutating func sink(from start: Int) {
    var index = start
    while true {
      var least = index
      for child in [2 * index + 1, 2 * index + 2]
      where child < heap.count && heap[child].due < heap[least].due {
        least = child
      }
      if least == index { return }
      swap(index, least)
      index = least
    }
  }

  private mutating func swap(_ left: Int, _ right: Int) {
    heap.swapAt(left, right)
    heap[left].heapIndex = left
    heap[right].heapIndex = right
  }
}
