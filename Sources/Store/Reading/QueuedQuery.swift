import Postgres

/// A query that waits for its answer.
struct QueuedQuery: Sendable {
  var query: Query
  var ticket: UInt64
  var shard: Int
  /// When it is answered `.failed` for want of a database.
  var giveUpAt: ContinuousClock.Instant
}

/// Queries that wait for a thread; several threads may share one.
final class QueryQueue: Sendable {
  private struct State: Sendable {
    var waiting: [QueuedQuery] = []
    var isStopped = false
  }

  private let state = Monitor(State())
  private let waitingMax: Int

  init(waitingMax: Int) {
    self.waitingMax = waitingMax
  }

  /// False, and nothing is queued, when the queue is full or stopped.
  func add(_ query: QueuedQuery) -> Bool {
    state.update { state in
      guard !state.isStopped, state.waiting.count < waitingMax else { return false }
      state.waiting.append(query)
      return true
    }
  }

  func stop() {
    state.update { $0.isStopped = true }
  }

  /// Takes the first query, and where that is a `get` those that follow it, up to `getsMax`. Blocks
  /// until there is one; nil when the queue is stopped and empty.
  func take(getsMax: Int) -> [QueuedQuery]? {
    let taken = state.wait { state -> [QueuedQuery]? in
      guard let first = state.waiting.first else { return state.isStopped ? [] : nil }
      var count = 1
      if first.query.isGet {
        while count < min(state.waiting.count, getsMax), state.waiting[count].query.isGet {
          count += 1
        }
      }
      defer { state.waiting.removeFirst(count) }
      return Array(state.waiting.prefix(count))
    }
    guard let taken, !taken.isEmpty else { return nil }
    return taken
  }
}

extension Query {
  var isGet: Bool {
    if case .get = self { true } else { false }
  }
}
