import Mode
import Store

/// Those who look: Get, List and Watch.
extension Shard {
  /// The transaction as it stands.
  func get(id: String, reply: @escaping (RequestOutcome) -> Void) {
    if let transaction = live[id] { return reply(.success(look(at: transaction))) }
    readThen(id, reply)
  }

  /// The transaction as it stands, with what its calls wait for.
  private func look(at transaction: LiveTransaction) -> TransactionView {
    var view = transaction.view
    for (branch, call) in transaction.callsOwed {
      view.holds[branch] = participants.hold(on: call)
    }
    return view
  }

  /// Reads a row, and answers with it unless the transaction has become live meanwhile.
  func readThen(_ id: String, _ reply: @escaping (RequestOutcome) -> Void) {
    submitGet(id) { [self] answer in
      switch answer {
      case .found(let row):
        reply(
          .success(live[id].map(look(at:)) ?? TransactionView(stored: row, calling: [])))
      case .absent:
        reply(.failure(.notFound))
      case .failed(let reason):
        reply(.failure(.unavailable(reason)))
      }
    }
  }

  /// Transactions, newest first, without branches.
  func list(
    _ filter: ListFilter,
    reply: @escaping (Result<[StoredTransaction], RequestError>) -> Void
  ) {
    submitList(filter) { answer in
      switch answer {
      case .page(let rows): reply(.success(rows))
      case .failed(let reason): reply(.failure(.unavailable(reason)))
      }
    }
  }

  // MARK: Watch

  /// Shows the transaction now and after every change until it has ended.
  ///
  /// One that is not live here is read again every second: it may be driven elsewhere.
  func watch(_ watcher: Watcher) {
    get(id: watcher.id) { [self] outcome in
      switch outcome {
      case .failure(let error):
        watcher.end(error)
      case .success(let view):
        // Whoever left while the row was read would be watched for by nobody.
        if watcher.hasLeft { return }
        watcher.show(view)
        if view.stored.point.state.hasEnded { return watcher.end(nil) }
        if isDraining {
          return watcher.end(.unavailable("this node is about to stop; watch again"))
        }
        watchers[watcher.id, default: []].append(watcher)
        pollWatched()
      }
    }
    rearm()
  }

  func unwatch(_ watcher: Watcher) {
    watcher.hasLeft = true
    guard var watching = watchers[watcher.id] else { return }
    watching.removeAll { $0 === watcher }
    watchers[watcher.id] = watching.isEmpty ? nil : watching
    // It may have stayed in memory for the watcher alone.
    if watching.isEmpty, let transaction = live[watcher.id] { settle(transaction) }
    rearm()
  }

  /// Takes on nothing new from here on, and ends the watches, which would outlast every other call.
  func drain() {
    isDraining = true
    let ending = watchers.values.flatMap { $0 }
    watchers = [:]
    for watcher in ending {
      watcher.end(.unavailable("this node is about to stop; watch again"))
    }
  }

  /// Sees to it that what is watched and not live here is read every second.
  private func pollWatched() {
    if isPolling || watchers.isEmpty { return }
    isPolling = true
    later(environment.now + .seconds(1)) { [self] in
      isPolling = false
      for id in watchers.keys where live[id] == nil { tellWatchers(of: id) }
      pollWatched()
    }
  }

  /// Shows a live transaction to those who watch it.
  func tellWatchers(of transaction: LiveTransaction) {
    guard !watchers.isEmpty, watchers[transaction.id] != nil else { return }
    show(look(at: transaction))
  }

  /// Shows a transaction that is not live to those who watch it.
  func tellWatchers(of id: String) {
    guard watchers[id] != nil else { return }
    get(id: id) { [self] outcome in
      if case .success(let view) = outcome { show(view) }
    }
  }

  private func show(_ view: TransactionView) {
    guard let watching = watchers[view.stored.id] else { return }
    for watcher in watching { watcher.show(view) }
    guard view.stored.point.state.hasEnded else { return }
    watchers[view.stored.id] = nil
    for watcher in watching { watcher.end(nil) }
  }
}

/// Someone who watches a transaction.
final class Watcher {
  let id: String
  private let onChange: (TransactionView) -> Void
  private let onEnd: (RequestError?) -> Void
  private var last: TransactionView?
  fileprivate(set) var hasLeft = false

  init(
    id: String, onChange: @escaping (TransactionView) -> Void,
    onEnd: @escaping (RequestError?) -> Void
  ) {
    self.id = id
    self.onChange = onChange
    self.onEnd = onEnd
  }

  /// Shows what differs from what was shown last.
  func show(_ view: TransactionView) {
    guard view != last else { return }
    last = view
    onChange(view)
  }

  func end(_ error: RequestError?) { onEnd(error) }
}
