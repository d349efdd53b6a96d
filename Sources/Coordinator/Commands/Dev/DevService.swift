import Foundation
import Logging
import ServiceLifecycle
import Synchronization

/// What `caravan dev` runs: its PostgreSQL, and the coordinator over it.
final class DevService: Service {
  private let settings: Settings
  private let directory: String
  private let logger: Logger
  private let postgres = Mutex<PrivatePostgres?>(nil)

  init(settings: Settings, directory: String, logger: Logger) {
    self.settings = settings
    self.directory = directory
    self.logger = logger
  }

  func run() async throws {
    let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
    let postgres = try await PrivatePostgres.start(under: directory, path: path, logger: logger)
    self.postgres.withLock { $0 = postgres }
    do {
      try await serve(over: postgres)
    } catch {
      try? await postgres.stop()
      throw error
    }
    try await postgres.stop()
  }

  private func serve(over postgres: PrivatePostgres) async throws {
    var settings = settings
    settings.database = postgres.url
    _ = try await MigrateCommand.migrate(postgres.url)
    try await CoordinatorServing(settings: settings, logger: logger).run()
  }

  /// What can be done where the process must end at once.
  func abandon() {
    postgres.withLock { $0 }?.abandon()
  }
}
