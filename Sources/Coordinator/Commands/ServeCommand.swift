import ArgumentParser
import Foundation
import Logging
import ServiceLifecycle

/// `caravan serve`: the coordinator over a PostgreSQL that is there.
struct ServeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "serve", abstract: "Serve callers over a PostgreSQL database.",
    discussion: """
      The database must have the current schema: `caravan migrate` makes it. SIGTERM and SIGINT let \
      calls under way end, then the process exits 0; a second signal ends it at once. Transactions \
      that have not ended go on with the next start.
      """)

  @OptionGroup var options: SettingsOptions

  func run() async throws {
    let settings = try await options.settings().checkedForServing()
    let logger = Logger(settings)
    try await CommandServices.run(
      [CoordinatorServing(settings: settings, logger: logger)], logger: logger)
    logger.info("stopped")
  }
}

/// The coordinator as a service: from its start until it has drained.
struct CoordinatorServing: Service {
  let settings: Settings
  let logger: Logger

  func run() async throws {
    let runtime = try CoordinatorRuntime(settings: settings, logger: logger)
    do {
      let address = try await runtime.start()
      if let http = address.http {
        logger.info("listening for HTTP", metadata: ["address": "\(http)"])
      }
      logger.info("listening", metadata: ["address": "\(address.grpc)"])
    } catch {
      await runtime.drain()
      throw error
    }
    try? await gracefulShutdown()
    logger.info("draining")
    await runtime.drain()
  }
}

extension SettingsOptions {
  /// The settings of this process.
  ///
  /// - Parameter defaults: What a command has instead of the table's defaults, by key.
  func settings(
    defaults: [String: String] = [:],
    environment: [String: String] = ProcessInfo.processInfo.environment
  ) async throws -> Settings {
    try await Settings.load(
      flags: flags, environment: environment, file: config, defaults: defaults)
  }
}
