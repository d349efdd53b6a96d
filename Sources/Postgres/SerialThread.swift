/// A thread with a queue: it runs what is submitted, in order, on a state that it alone touches.
package final class SerialThread<State>: Sendable {
  private struct Queue: Sendable {
    var work: [@Sendable (inout State) -> Void] = []
    var isStopped = false
  }

  private let queue = Monitor(Queue())
  private let thread: OwnThread

  /// Starts the thread, which makes the state before anything else.
  package init(name: String, _ makeState: @escaping @Sendable () -> State) {
    let queue = queue
    thread = OwnThread(name: name) {
      var state = makeState()
      while let work = Self.next(of: queue) {
        for item in work { item(&state) }
      }
    }
  }

  /// Queues work; false, and nothing is queued, after `stop`.
  @discardableResult
  package func submit(_ work: @escaping @Sendable (inout State) -> Void) -> Bool {
    queue.update { queue in
      if queue.isStopped { return false }
      queue.work.append(work)
      return true
    }
  }

  /// Takes no more work; what is queued still runs.
  package func stop() {
    queue.update { $0.isStopped = true }
  }

  /// Blocks until everything queued has run; after `stop`, and not on the thread itself.
  package func join() {
    thread.join()
  }

  private static func next(of queue: Monitor<Queue>) -> [@Sendable (inout State) -> Void]? {
    let work = queue.wait { queue -> [@Sendable (inout State) -> Void]? in
      if queue.work.isEmpty && !queue.isStopped { return nil }
      defer { queue.work = [] }
      return queue.work
    }
    guard let work, !work.isEmpty else { return nil }
    return work
  }
}
