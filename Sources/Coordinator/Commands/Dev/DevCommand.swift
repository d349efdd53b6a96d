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

  @Flag(inversion: .prefixedNo, help: "Run the demo's participants and show its transactions.")
  var demo = true

  @OptionGroup var options: SettingsOptions

  func run() async throws {
    let settings = try await devSettings()
    let logger = Logger(settings)
    let service = DevService(
      settings: settings, directory: directory, showsDemo: demo, logger: logger)
    try await CommandServices.run([service], logger: logger) { service.abandon() }
  }

  /// What differs from `caravan serve` where nothing is said: the terminal is for the demo, and
  /// participants are on this machine.
  private static let defaults = [
    "log.level": "notice", "participants.allow": AllowList.loopbackText,
  ]

  /// The settings as given, with what `dev` brings itself.
  private func devSettings() async throws -> Settings {
    let settings = try await options.settings(defaults: Self.defaults)
    guard settings.database.isEmpty else {
      throw UsageError(
        "caravan dev brings a PostgreSQL of its own: leave out --database and unset "
          + "CARAVAN_DATABASE_URL, or use caravan serve")
    }
    for (flag, endpoint) in [("--listen", settings.listen), ("--http-listen", settings.httpListen)]
    {
      guard let endpoint, !endpoint.isLoopback else { continue }
      throw UsageError(
        "\(flag): \(endpoint) is open to other machines, and caravan dev is for this one; "
          + "use caravan serve")
    }
    return settings
  }
}
