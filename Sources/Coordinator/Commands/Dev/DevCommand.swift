import ArgumentParser
import Foundation
import Logging

/// `caravan dev`: everything on this machine, from nothing.
struct DevCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "dev", abstract: "Serve over a private PostgreSQL, and show what Caravan does.",
    discussion: """
      Makes a PostgreSQL of its own in a directory, which is kept between runs, serves over it, and \
      permits participants on this machine. Settings work as with `caravan serve`, but for the \
      database.
      """)

  @Option(
    help: "Where the private PostgreSQL keeps its data.", completion: .directory)
  var directory = ".caravan"

  @OptionGroup var options: SettingsOptions

  func run() async throws {
    let settings = try await devSettings()
    let logger = Logger(settings)
    let service = DevService(settings: settings, directory: directory, logger: logger)
    try await CommandServices.run([service], logger: logger) { service.abandon() }
  }

  /// The settings as given, with what `dev` brings itself.
  private func devSettings() async throws -> Settings {
    var settings = try await options.settings()
    guard settings.database.isEmpty else {
      throw UsageError(
        "caravan dev brings a PostgreSQL of its own: leave out --database and unset "
          + "CARAVAN_DATABASE_URL, or use caravan serve")
    }
    if settings.allow.patterns.isEmpty { settings.allow = .loopback }
    guard settings.listen.isLoopback else {
      throw UsageError(
        "--listen: \(settings.listen) is open to other machines, and caravan dev is for this one; "
          + "use caravan serve")
    }
    return settings
  }
}
