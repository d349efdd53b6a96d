import Postgres

/// What a writer has taken and not yet answered, bounded.
final class WriterQueue: Sendable {
  private struct State: Sendable {
    var arrived: [QueuedWrite] = []
    /// Those that arrived and those that the writer holds.
    var unanswered = 0
    var isStopped = false
  }

  private let state = Monitor(State())
  private let unansweredMax: Int

  init(unansweredMax: Int) {
    self.unansweredMax = unansweredMax
  }

  /// False, and nothing is queued, when the queue is full or stopped. An update is taken even when
  /// it is full: what is under way goes on, and there is at most one for each live transaction.
  func add(_ write: QueuedWrite) -> Bool {
    state.update { state in
      guard !state.isStopped else { return false }
      if case .update = write.write {} else if state.unanswered >= unansweredMax { return false }
      state.arrived.append(write)
      state.unanswered += 1
      return true
    }
  }

  func answered(_ count: Int) {
    state.update { $0.unanswered -= count }
  }

  func stop() {
    state.update { $0.isStopped = true }
  }

  /// Takes all that arrived. Blocks until there is something, `limit` is over, or the queue is
  /// stopped; nil where it is stopped and nothing arrived.
  func take(atMost limit: Duration?) -> [QueuedWrite]? {
    let taken = state.wait(atMost: limit) { state -> [QueuedWrite]?? in
      if state.arrived.isEmpty { return state.isStopped ? .some(nil) : nil }
      defer { state.arrived = [] }
      return state.arrived
    }
    switch taken {
    case .none: return []
    case .some(let items): return items
    }
  }
}
