import Synchronization

/// A call as the participant saw it.
struct SeenCall: Sendable, Equatable {
  enum Result: Sendable, Equatable {
    case done
    /// With the reason.
    case refused(String)
    /// It may or may not have happened.
    case failed(String)
  }

  var participant: String
  var transaction: String
  var branch: String
  /// As Caravan names it: `try`, `confirm`, …
  var action: String
  var began: ContinuousClock.Instant
  var ended: ContinuousClock.Instant
  var result: Result
}

/// The calls that the participants have seen, in the order of their ends.
final class CallLog: Sendable {
  private let seen = Mutex<[SeenCall]>([])

  init() {}

  func add(_ call: SeenCall) { seen.withLock { $0.append(call) } }

  /// The calls of one transaction, which are forgotten with this.
  func take(of transaction: String) -> [SeenCall] {
    seen.withLock { calls in
      defer { calls.removeAll { $0.transaction == transaction } }
      return calls.filter { $0.transaction == transaction }
    }
  }
}
