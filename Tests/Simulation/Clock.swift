/// Time, which goes on from event to event.
final class Clock {
  /// When, which of those at the same time first, and where the closure lies: moving it about costs
  /// no reference counting.
  private struct Scheduled {
    var at: Int64
    var order: UInt64
    var slot: Int

    static func < (left: Scheduled, right: Scheduled) -> Bool {
      left.at == right.at ? left.order < right.order : left.at < right.at
    }
  }

  private(set) var now: Int64 = 0
  private(set) var eventsRun = 0
  private var heap: [Scheduled] = []
  private var slots: [(() -> Void)?] = []
  private var freeSlots: [Int] = []
  private var lastOrder: UInt64 = 0

  func at(_ instant: Int64, _ run: @escaping () -> Void) {
    lastOrder += 1
    let slot: Int
    if let free = freeSlots.popLast() {
      slot = free
      slots[slot] = run
    } else {
      slot = slots.count
      slots.append(run)
    }
    heap.append(Scheduled(at: max(instant, now), order: lastOrder, slot: slot))
    var index = heap.count - 1
    while index > 0 {
      let parent = (index - 1) / 2
      guard heap[index] < heap[parent] else { return }
      heap.swapAt(index, parent)
      index = parent
    }
  }

  func after(_ span: Int64, _ run: @escaping () -> Void) { at(now + span, run) }

  /// Runs what comes next; false: nothing will ever come.
  func step() -> Bool {
    guard let next = heap.first else { return false }
    let last = heap.removeLast()
    if !heap.isEmpty {
      heap[0] = last
      sink()
    }
    now = next.at
    eventsRun += 1
    guard let run = slots[next.slot].take() else { return true }
    freeSlots.append(next.slot)
    run()
    return true
  }

  private func sink() {
    var index = 0
    while true {
      var least = index
      for child in 2 * index + 1..<2 * index + 3
      where child < heap.count && heap[child] < heap[least] {
        least = child
      }
      if least == index { return }
      heap.swapAt(index, least)
      index = least
    }
  }

  /// Forgets all that was to come.
  func clear() {
    heap = []
    slots = []
  }
}
