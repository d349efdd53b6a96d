import ArgumentParser
import Postgres
import Store

/// `caravan migrate`: brings the schema of a database up to this program.
struct MigrateCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "migrate", abstract: "Create or update the schema in a PostgreSQL database.",
    discussion: """
      Safe to run at any time and from several places at once: what is applied already stays as it \
      is. All settings are accepted, so that a settings file may be shared with `caravan serve`.
      """)

  @OptionGroup var options: SettingsOptions

  func run() async throws {
    let settings = try await options.settings()
    try settings.checkDatabase()
    let applied = try await Self.migrate(settings.database)
    for migration in applied { print("applied \(migration.number) \(migration.name)") }
    if applied.isEmpty { print("the schema is current") }
  }

  /// Applies what is missing and returns it.
  static func migrate(_ database: String) async throws -> [Migration] {
    try await OwnThread.run(name: "migrate") {
      try Migrator.migrate(ConnectionTarget(url: database, applicationName: "caravan migrate"))
    }
  }
}
