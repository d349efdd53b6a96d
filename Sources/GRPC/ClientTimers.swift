import HTTP2

/// The waits of one client connection, checked together now and then: activity only notes the time.
struct ClientTimers {
  private let connect: UInt64
  private let idle: UInt64
  private let keepaliveInterval: UInt64
  private let keepaliveTimeout: UInt64
  private let checkInterval: UInt64

  private let start: UInt64
  private var lastReceived: UInt64
  private var lastBusy: UInt64
  private var lastPing: UInt64?
  private var isPingOpen = false
  private(set) var nextCheck: UInt64

  /// The peer's SETTINGS came.
  var isEstablished = false
  /// The connection is to be closed without further words.
  var isOverdue = false

  enum Finding {
    case nothing, ping, close, dead
  }

  init(limits: ClientLimits, now: UInt64) {
    connect = limits.connectTimeout.nanoseconds
    idle = limits.idleTimeout.nanoseconds
    keepaliveInterval = limits.keepaliveInterval.nanoseconds
    keepaliveTimeout = limits.keepaliveTimeout.nanoseconds
    let shortest = min(connect, idle, keepaliveInterval, keepaliveTimeout)
    // A quarter of the shortest wait, so that none is overdrawn by more.
    checkInterval = max(5_000_000, min(shortest / 4, 5_000_000_000))
    start = now
    lastReceived = now
    lastBusy = now
    nextCheck = now + checkInterval
  }

  mutating func received(at now: UInt64) {
    lastReceived = now
    isPingOpen = false
  }

  mutating func check(now: UInt64, hasCalls: Bool) -> Finding {
    nextCheck = now + checkInterval
    guard isEstablished else { return now - start >= connect ? .dead : .nothing }
    if hasCalls { lastBusy = now }
    if now - lastBusy >= idle { return .close }
    if isPingOpen, let lastPing { return now - lastPing >= keepaliveTimeout ? .dead : .nothing }
    if hasCalls, now - lastReceived >= keepaliveInterval, mayPing(now) { return .ping }
    return .nothing
  }

  private func mayPing(_ now: UInt64) -> Bool {
    lastPing.map { now - $0 >= keepaliveInterval } ?? true
  }

  /// Notes a ping where one is allowed.
  mutating func pingIfAllowed(_ now: UInt64) -> Bool {
    guard !isPingOpen, mayPing(now) else { return false }
    lastPing = now
    isPingOpen = true
    return true
  }

  /// Nothing was received since that time.
  func isSilent(since time: UInt64) -> Bool { lastReceived <= time }
}

extension ClientSession {
  /// When `wake` is to be called next, in nanoseconds of the session's clock.
  package var nextWake: UInt64 { timers.nextCheck }

  /// Time has passed: pings, gives up. Then drain, look at `isFinished`.
  package func wake(now: UInt64) {
    guard now >= timers.nextCheck else { return }
    switch timers.check(now: now, hasCalls: hasCalls) {
    case .nothing: break
    case .ping: if timers.pingIfAllowed(now) { session.ping() }
    case .close: session.terminate(.noError)
    case .dead: timers.isOverdue = true
    }
  }

  /// A call timed out; where nothing at all came since it started, the connection itself is
  /// suspected: a ping, unless there was one lately.
  package func suspect(since start: UInt64, now: UInt64) {
    guard timers.isSilent(since: start), timers.pingIfAllowed(now) else { return }
    session.ping()
  }
}
