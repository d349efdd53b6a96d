import Glibc
import Logging
import Postgres

/// A session that is opened again when it was lost, with growing, spread delays. Belongs to one
/// thread.
struct Link {
  private static let delayFirst = Duration.milliseconds(50)
  private static let delayMax = Duration.seconds(2)

  private let target: ConnectionTarget
  private let settings: String
  private let allowsFsyncOff: Bool
  private let logger: Logger
  private var open: Connection?
  private var failures = 0
  /// Not tried again before.
  private var notBefore: ContinuousClock.Instant?

  init(
    _ purpose: String, settings: String, configuration: StoreConfiguration, logger: Logger
  ) {
    target = configuration.target(purpose)
    let lockWait = configuration.lockWait.components
    let milliseconds = lockWait.seconds * 1000 + lockWait.attoseconds / 1_000_000_000_000_000
    self.settings = settings + "\nSET lock_timeout = \(max(1, milliseconds));"
    allowsFsyncOff = configuration.allowsFsyncOff
    var logger = logger
    logger[metadataKey: "session"] = .string(purpose)
    self.logger = logger
  }

  /// The open session, or a new one; nil while there is none to be had. Blocks for the time that a
  /// connection takes, not for the delay between two tries.
  mutating func connection() -> Connection? {
    if let open, open.isOpen { return open }
    open = nil
    if let notBefore, ContinuousClock.now < notBefore { return nil }
    do {
      let fresh = try Self.session(target, settings, allowsFsyncOff: allowsFsyncOff)
      open = fresh
      return fresh
    } catch {
      delay(because: error.description)
      return nil
    }
  }

  /// The session was lost, or the server cannot work now: the next one is tried after a delay.
  mutating func lost(_ error: PostgresError) {
    if error.endsSession || error.sqlState?.hasPrefix("25") == true {
      open?.close()
      open = nil
    }
    delay(because: error.description)
  }

  /// The server did what it was asked for.
  mutating func worked() {
    guard failures > 0 else { return }
    logger.notice("the database is back")
    failures = 0
    notBefore = nil
  }

  /// How long until the next try; zero where a session is open.
  private var wait: Duration {
    guard let notBefore else { return .zero }
    return max(.zero, ContinuousClock.now.duration(to: notBefore))
  }

  /// True while the server is left alone because it failed.
  var isWaiting: Bool { wait > .zero }

  /// Blocks until the next try, or for `limit` where that is shorter; a signal may end it early.
  func pause(atMost limit: Duration) {
    let (seconds, attoseconds) = min(wait, limit).components
    guard seconds > 0 || attoseconds > 0 else { return }
    var time = timespec(tv_sec: Int(seconds), tv_nsec: Int(attoseconds / 1_000_000_000))
    clock_nanosleep(CLOCK_MONOTONIC, 0, &time, nil)
  }

  mutating func close() {
    open?.close()
    open = nil
  }

  private mutating func delay(because reason: String) {
    let doubled = Self.delayFirst * (1 << min(failures, 10))
    // Spread by half, so that all sessions, and all nodes, do not come back at once.
    let delay = min(doubled, Self.delayMax) * Double.random(in: 0.5...1)
    notBefore = ContinuousClock.now + delay
    failures += 1
    logger.warning(
      "the database is away",
      metadata: ["reason": .string(reason), "tries": .stringConvertible(failures)])
  }

  /// Opens a session, gives it its settings and checks the server's promise.
  static func session(
    _ target: ConnectionTarget, _ settings: String, allowsFsyncOff: Bool
  ) throws(StoreError) -> Connection {
    let (connection, fsync) = try StoreError.mapping {
      let connection = try Connection(target)
      try connection.run(settings)
      let fsync: String = try connection.execute(SessionSQL.fsync())[0].value(0)
      return (connection, fsync)
    }
    guard fsync == "on" || allowsFsyncOff else {
      connection.close()
      throw StoreError(
        .fsyncOff,
        "the server runs with fsync = \(fsync): what it acknowledges is lost with its power;"
          + " set fsync = on, or allow it where nothing matters")
    }
    return connection
  }
}

extension PostgresError {
  /// True where the server may well do the same later: it is going down or coming up, it became a
  /// standby, or it lacks memory, disk or connections.
  var isTemporary: Bool {
    guard let sqlState else { return false }
    return sqlState.hasPrefix("53") || sqlState.hasPrefix("57P") || sqlState == "25006"
  }
}
