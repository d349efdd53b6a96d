import GRPC
import Logging
import NIOCore

/// What is behind one address on one loop: its endpoints (one for each IP address of a name), used
/// in turn, and the calls that wait for one of them.
///
/// It and its endpoints hold each other, and it holds its pool: `shutdown` or `forget` ends that.
final class Target {
  let address: Address
  private let authority: String
  let pool: LoopPool
  private var endpoints: [Endpoint] = []
  private var nextEndpoint = 0
  private var queue = CallQueue()
  /// When the name was resolved last, or the attempt failed.
  private var resolvedAt: UInt64?
  private var isResolving = false
  private var isResolutionStale = true
  private var failedResolutions = 0
  private var isShutDown = false

  init(address: Address, pool: LoopPool) {
    self.address = address
    authority = address.authority
    self.pool = pool
  }

  var isUnused: Bool {
    queue.isEmpty && !isResolving && endpoints.allSatisfy { $0.isUnused }
  }

  // MARK: calls

  func submit(_ call: ClientCall) {
    // Who waits goes first.
    if queue.isEmpty, let connection = pick(), begin(call, on: connection) { return }
    guard queue.count < pool.configuration.queuedCallsMax else {
      return pool.reject(
        call, Status(.resourceExhausted, "too many calls wait for a connection to \(address)"))
    }
    queue.append(call)
    prepare()
  }

  func leftQueue() {
    queue.oneDied()
  }

  /// A connection that has room, the next in turn.
  private func pick() -> ClientConnection? {
    for _ in endpoints.indices {
      let endpoint = endpoints[nextEndpoint % endpoints.count]
      nextEndpoint = (nextEndpoint + 1) % endpoints.count
      if let connection = endpoint.connectionWithRoom { return connection }
    }
    return nil
  }

  private func begin(_ call: ClientCall, on connection: ClientConnection) -> Bool {
    do {
      try connection.start(call, authority: authority)
      return true
    } catch {
      return false
    }
  }

  /// Starts what waits, as far as there is room.
  func startWaiting() {
    while !queue.isEmpty, let connection = pick() {
      guard let call = queue.popFirst() else { return }
      if !begin(call, on: connection) {
        call.finish(
          .local(Status(.unavailable, "the connection takes no more calls"), .notSent))
      }
    }
    if !queue.isEmpty { prepare() }
  }

  /// Nothing is reachable and nothing is being tried: whoever waits is told why.
  private func failWaiting(_ reason: String) {
    var failed: [ClientCall] = []
    while let call = queue.popFirst() {
      failed.append(call)
    }
    for call in failed {
      call.finish(.local(Status(.unavailable, "\(address): \(reason)"), .notSent))
    }
  }

  /// The peer refused a call unseen; it may go elsewhere, twice (gRFC A6, transparent retries).
  func refused(_ call: ClientCall, _ reply: ClientReply) {
    guard call.refusals < 2, !isShutDown,
      queue.count < pool.configuration.queuedCallsMax
    else { return call.finish(reply) }
    call.refusals += 1
    call.state = .queued
    queue.append(call)
    // Not at once: the connection that refused may be on its way out.
    pool.eventLoop.assumeIsolated().execute { self.startWaiting() }
  }

  // MARK: connections

  /// Resolves and connects where that is needed and due.
  private func prepare() {
    guard !isShutDown else { return }
    if isResolutionStale || endpoints.isEmpty { resolve() }
    for endpoint in endpoints {
      endpoint.connectIfIdle()
    }
  }

  /// An endpoint's pause after a failure is over.
  func endpointMayConnect() {
    if !queue.isEmpty { prepare() }
  }

  /// An attempt to connect failed.
  func endpointFailed(_ reason: String) {
    isResolutionStale = true
    if !endpoints.contains(where: { $0.isReady || $0.isConnecting }) {
      failWaiting(reason)
    } else {
      startWaiting()
    }
  }

  /// A connection that had worked is gone.
  func endpointLost() {
    isResolutionStale = true
    if !queue.isEmpty { prepare() }
  }

  // MARK: names

  private func resolve() {
    guard !isResolving else { return }
    let now = NIODeadline.now().uptimeNanoseconds
    let pause =
      endpoints.isEmpty
      ? pool.configuration.backoff.delay(
        failures: failedResolutions, randomness: .random(in: 0...1))
      : pool.configuration.resolutionPause.nanoseconds
    if let resolvedAt, now < resolvedAt + pause {
      if endpoints.isEmpty, failedResolutions > 0 { resolveLater(at: resolvedAt + pause) }
      return
    }
    switch address {
    case .host(let host, let port):
      isResolving = true
      let addresses = pool.configuration.resolver(host, port, pool.eventLoop)
      addresses.assumeIsolated().whenComplete {
        self.resolved($0.map { $0.map(Endpoint.Location.socket) })
      }
    case .unix(let path):
      resolved(Result { [.socket(try SocketAddress(unixDomainSocketPath: path))] })
    case .abstract(let name):
      resolved(.success([.abstract(name)]))
    }
  }

  /// The name does not resolve; whoever waits gets the next attempt, not the old news.
  private func resolveLater(at time: UInt64) {
    isResolving = true
    pool.eventLoop.assumeIsolated().scheduleTask(deadline: NIODeadline(nanoseconds: time)) {
      self.isResolving = false
      self.prepare()
    }
  }

  private func resolved(_ result: Result<[Endpoint.Location], any Error>) {
    isResolving = false
    resolvedAt = NIODeadline.now().uptimeNanoseconds
    guard !isShutDown else { return }
    switch result {
    case .success(let locations):
      failedResolutions = 0
      isResolutionStale = false
      update(Array(locations.prefix(pool.configuration.endpointsMax)))
      if !queue.isEmpty {
        for endpoint in endpoints { endpoint.connectIfIdle() }
      }
    case .failure(let error):
      failedResolutions += 1
      if endpoints.isEmpty { failWaiting("the name does not resolve: \(error)") }
    }
  }

  /// Endpoints that stay keep their connections; those no longer named finish their calls.
  private func update(_ locations: [Endpoint.Location]) {
    let kept = endpoints.filter { locations.contains($0.location) }
    for endpoint in endpoints where !locations.contains(endpoint.location) {
      endpoint.retire()
    }
    endpoints = locations.map { location in
      kept.first { $0.location == location } ?? Endpoint(location: location, target: self)
    }
    nextEndpoint = 0
  }

  func shutdown() -> [EventLoopFuture<Void>] {
    isShutDown = true
    failWaiting("the client is shut down")
    defer { forget() }
    return endpoints.flatMap { $0.shutdown() }
  }

  /// Lets go of the endpoints.
  func forget() {
    endpoints = []
  }
}
