import HTTP2

/// The waits of one server connection, checked together now and then: activity only notes the time,
/// so that a busy connection sets no timers.
struct ServerTimers {
  private let preface: UInt64
  private let idle: UInt64
  private let progress: UInt64
  private let keepaliveInterval: UInt64
  private let keepaliveTimeout: UInt64
  private let checkInterval: UInt64

  private let start: UInt64
  private var lastReceived: UInt64
  private var lastBusy: UInt64
  private var lastProgress: UInt64
  private var bodyBytesSeen: UInt64 = 0
  private var bytesSeen: UInt64 = 0
  private var pingSent: UInt64?
  private var shutdownAt: UInt64 = .max
  private(set) var nextCheck: UInt64

  /// The peer's preface and SETTINGS came.
  var isEstablished = false
  /// The connection is to be closed without further words.
  var isOverdue = false

  /// What a check found to do.
  enum Finding {
    case nothing, ping, goAway, close
  }

  init(limits: ServerLimits, now: UInt64) {
    preface = limits.prefaceTimeout.nanoseconds
    idle = limits.idleTimeout.nanoseconds
    progress = limits.progressTimeout.nanoseconds
    keepaliveInterval = limits.keepaliveInterval.nanoseconds
    keepaliveTimeout = limits.keepaliveTimeout.nanoseconds
    let shortest = min(preface, idle, progress, keepaliveInterval, keepaliveTimeout)
    // A quarter of the shortest wait, so that none is overdrawn by more.
    checkInterval = max(5_000_000, min(shortest / 4, 5_000_000_000))
    start = now
    lastReceived = now
    lastBusy = now
    lastProgress = now
    nextCheck = now + checkInterval
  }

  mutating func received(at now: UInt64) {
    lastReceived = now
    pingSent = nil
  }

  /// The client is asked by ping to say that it saw our GOAWAY; it has a second.
  mutating func expectShutdown(by now: UInt64) {
    shutdownAt = now + 1_000_000_000
    nextCheck = min(nextCheck, now + 1_000_000_000)
  }

  mutating func check(
    now: UInt64, hasCalls: Bool, bytesSent: UInt64, bodyBytesSent: UInt64, queuedBytes: Int,
    wantsWrite: Bool
  ) -> Finding {
    nextCheck = now + checkInterval
    guard isEstablished else { return now - start >= preface ? .close : .nothing }
    let isWaiting = queuedBytes > 0 || wantsWrite
    let moved = queuedBytes > 0 ? bodyBytesSent != bodyBytesSeen : bytesSent != bytesSeen
    if !isWaiting || moved { lastProgress = now }
    bodyBytesSeen = bodyBytesSent
    bytesSeen = bytesSent
    if now - lastProgress >= progress { return .close }
    if hasCalls { lastBusy = now }
    if now - lastBusy >= idle || now >= shutdownAt { return .goAway }
    if let pingSent { return now - pingSent >= keepaliveTimeout ? .close : .nothing }
    if hasCalls, now - lastReceived >= keepaliveInterval {
      pingSent = now
      return .ping
    }
    return .nothing
  }
}

extension ServerSession {
  /// When `wake` is to be called next, in nanoseconds of the session's clock.
  package var nextWake: UInt64 {
    min(timers.nextCheck, deadlines.earliest ?? .max)
  }

  /// Time has passed: expires deadlines, pings, gives up. Then take events, drain, look at
  /// `isFinished`.
  package func wake(now: UInt64) {
    self.now = now
    while let expired = deadlines.popDue(at: now) {
      guard !expired.isOver else { continue }
      let call = unsafeDowncast(expired, to: Call.self)
      if call.phase == .handling {
        events.append(.cancelled(call.id, .deadline))
      }
      refuse(call, Status(.deadlineExceeded, "the deadline passed before the call was answered"))
    }
    guard now >= timers.nextCheck else { return }
    let finding = timers.check(
      now: now, hasCalls: hasCalls, bytesSent: session.bytesSent,
      bodyBytesSent: session.bodyBytesSent, queuedBytes: session.queuedBytes,
      wantsWrite: session.wantsWrite)
    switch finding {
    case .nothing: break
    case .ping: session.ping()
    case .goAway: refuseNewCalls()
    case .close:
      session.terminate(.noError)
      timers.isOverdue = true
    }
  }
}
