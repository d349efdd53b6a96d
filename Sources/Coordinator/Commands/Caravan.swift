import ArgumentParser
import Foundation
import Glibc

/// The `caravan` command.
@main
struct Caravan: AsyncParsableCommand {
  static let version = "0.1.0"

  static let configuration = CommandConfiguration(
    commandName: "caravan",
    abstract: "Brings transactions across services to one end: all of it, or none of it.",
    discussion: """
      `caravan serve --help` lists the settings as flags. `caravan settings` prints all of them \
      with their environment variables and their keys in a settings file.
      """,
    version: version,
    subcommands: [
      ServeCommand.self, DevCommand.self, MigrateCommand.self, BenchCommand.self,
      SettingsCommand.self,
    ])

  /// The exit status of a process that was started wrongly.
  static let usageErrorStatus: Int32 = 2

  static func main() async {
    let status = await run(Array(CommandLine.arguments.dropFirst()))
    Glibc.exit(status)
  }

  /// Runs the command that the arguments name and returns the status to exit with.
  static func run(_ arguments: [String]) async -> Int32 {
    do {
      var command = try parseAsRoot(arguments)
      if var asynchronous = command as? any AsyncParsableCommand {
        try await asynchronous.run()
      } else {
        try command.run()
      }
      return 0
    } catch let usage as UsageError {
      report(usage.problems.map { "caravan: \($0)" }.joined(separator: "\n"))
      return usageErrorStatus
    } catch let code as ExitCode {
      return code.rawValue
    } catch {
      return reportParsing(error)
    }
  }

  /// What the argument parser throws is help that was asked for, or a mistake on the command line;
  /// all else is a failure while running.
  private static func reportParsing(_ error: any Error) -> Int32 {
    let message = fullMessage(for: error)
    switch exitCode(for: error) {
    case .success:
      print(message)
      return 0
    case .validationFailure:
      report(message)
      return usageErrorStatus
    default:
      report("caravan: \(error)")
      return 1
    }
  }

  private static func report(_ text: String) {
    FileHandle.standardError.write(Data((text + "\n").utf8))
  }
}
