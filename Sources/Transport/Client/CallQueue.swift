/// Calls that wait, first come, first served. Calls that end while they wait stay in it, dead,
/// until they come up.
struct CallQueue {
  private var calls: [ClientCall] = []
  private var head = 0
  /// Those that still wait.
  private(set) var count = 0

  mutating func append(_ call: ClientCall) {
    calls.append(call)
    count += 1
  }

  /// Says that a call in it has ended.
  mutating func oneDied() {
    count -= 1
    if calls.count - head > 64, (calls.count - head) > 2 * count {
      calls = calls[head...].filter { !$0.isDone }
      head = 0
    }
  }

  mutating func popFirst() -> ClientCall? {
    while head < calls.count {
      let call = calls[head]
      head += 1
      if head == calls.count {
        calls.removeAll(keepingCapacity: true)
        head = 0
      } else if head >= 1_024, head * 2 >= calls.count {
        calls.removeFirst(head)
        head = 0
      }
      if !call.isDone {
        count -= 1
        return call
      }
    }
    return nil
  }

  var isEmpty: Bool { count == 0 }
}
