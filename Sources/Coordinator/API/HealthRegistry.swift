import Messages
import Synchronization

/// Which services take calls. Set and read from any thread; watches are told of every change, in
/// order.
final class HealthRegistry: Sendable {
  typealias ServingStatus = GRPCHealthV1.HealthCheckResponse.ServingStatus

  /// What a watch is told.
  enum News: Sendable, Equatable {
    /// The service's status now; `serviceUnknown` while there is no such service.
    case status(ServingStatus)
    /// The server drains: nothing comes after this.
    case ended
  }

  /// A watch, to be ended by `unwatch`.
  struct Watch: Hashable, Sendable {
    fileprivate let number: UInt64
  }

  /// The name that stands for the server as a whole.
  static let server = ""

  private struct Watcher {
    let service: String
    let tell: @Sendable (News) -> Void
  }

  private struct State {
    var statuses: [String: ServingStatus] = [:]
    var watchers: [Watch: Watcher] = [:]
    var watchesMade: UInt64 = 0
    var isDraining = false

    /// The change, told under the lock: two changes reach every watcher in the order they took
    /// effect.
    mutating func set(_ status: ServingStatus, for service: String) {
      guard !isDraining, statuses[service] != status else { return }
      statuses[service] = status
      for watcher in watchers.values where watcher.service == service {
        watcher.tell(.status(status))
      }
    }
  }

  private let state: Mutex<State>

  /// Knows the server as a whole and `services`, all NOT_SERVING until they are set.
  init(services: some Sequence<String>) {
    var state = State()
    for service in services { state.statuses[service] = .notServing }
    state.statuses[Self.server] = .notServing
    self.state = Mutex(state)
  }

  /// States one service's status; a new name becomes known. Without effect after `drain`.
  func set(_ status: ServingStatus, for service: String) {
    state.withLock { $0.set(status, for: service) }
  }

  /// States the status of the server and of every service it knows. Without effect after `drain`.
  func setAll(_ status: ServingStatus) {
    state.withLock { state in
      for service in state.statuses.keys.sorted() { state.set(status, for: service) }
    }
  }

  /// All is NOT_SERVING from now on, and every watch ends, so that none holds a graceful shutdown
  /// up.
  func drain() {
    state.withLock { state in
      for service in state.statuses.keys.sorted() { state.set(.notServing, for: service) }
      state.isDraining = true
      for watcher in state.watchers.values { watcher.tell(.ended) }
      state.watchers = [:]
    }
  }

  /// The status of a service; nil: there is none of this name.
  func status(of service: String) -> ServingStatus? {
    state.withLock { $0.statuses[service] }
  }

  /// Tells the status of `service` at once and after every change. `tell` is called under the
  /// registry's lock, from any thread: it must hand on and return, and not call the registry.
  func watch(_ service: String, tell: @escaping @Sendable (News) -> Void) -> Watch {
    state.withLock { state in
      state.watchesMade += 1
      let watch = Watch(number: state.watchesMade)
      tell(.status(state.statuses[service] ?? .serviceUnknown))
      if state.isDraining {
        tell(.ended)
      } else {
        state.watchers[watch] = Watcher(service: service, tell: tell)
      }
      return watch
    }
  }

  /// Ends a watch. An ended one is left as it is.
  func unwatch(_ watch: Watch) {
    state.withLock { _ = $0.watchers.removeValue(forKey: watch) }
  }
}
