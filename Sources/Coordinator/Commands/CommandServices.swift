import Glibc
import Logging
import ServiceLifecycle
import UnixSignals

/// Runs services until SIGTERM or SIGINT, which stop them in order; a second signal ends the
/// process at once.
enum CommandServices {
  /// - Parameter abandon: What the process does before it ends at once; it must not wait.
  static func run(
    _ services: [any Service], logger: Logger, abandon: @escaping @Sendable () -> Void = {}
  ) async throws {
    var quiet = logger
    // The group tells every step of its own at info.
    quiet.logLevel = max(logger.logLevel, .error)
    let signals = await UnixSignalsSequence(trapping: .sigterm, .sigint)
    let impatience = Task { await endAtSecond(of: signals, logger: logger, abandon: abandon) }
    defer { impatience.cancel() }
    let group = ServiceGroup(
      configuration: ServiceGroupConfiguration(
        services: services.map {
          ServiceGroupConfiguration.ServiceConfiguration(
            service: $0, successTerminationBehavior: .gracefullyShutdownGroup,
            failureTerminationBehavior: .gracefullyShutdownGroup)
        },
        gracefulShutdownSignals: [.sigterm, .sigint], logger: quiet))
    try await group.run()
  }

  private static func endAtSecond(
    of signals: UnixSignalsSequence, logger: Logger, abandon: @Sendable () -> Void
  ) async {
    var first: ContinuousClock.Instant?
    for await signal in signals {
      guard let first else {
        first = .now
        logger.notice("stopping; a second signal ends the process at once")
        continue
      }
      // A parent that passes Ctrl-C on to us, who have it from the terminal already, is not asking
      // twice.
      guard ContinuousClock.now - first > echoMax else { continue }
      logger.warning("ended at once by a second signal")
      abandon()
      _exit(128 + signal.rawValue)
    }
  }

  /// Signals that come closer than this are one.
  private static let echoMax = Duration.milliseconds(300)
}
