import Foundation
import Subprocess
import SystemPackage

/// Runs PostgreSQL's programs as the account: in a session of their own, so that Ctrl-C in the
/// terminal reaches Caravan alone, which then stops them in order.
struct PostgresPrograms: Sendable {
  let account: PostgresAccount

  /// What a program that ran to its end came to.
  struct Outcome: Sendable {
    let succeeded: Bool
    let output: String
    let errors: String

    /// The line that says most: the first that names an error, otherwise the last of all.
    var reason: String {
      let lines = (errors + "\n" + output).split(separator: "\n").map {
        $0.trimmingCharacters(in: .whitespaces)
      }
      let marks = ["PANIC:", "FATAL:", "ERROR:", "error:"]
      return lines.first { line in marks.contains { line.contains($0) } } ?? lines.last
        ?? "it gave no reason"
    }
  }

  private static let outputBytesMax = 1 << 20

  func run(_ program: String, _ arguments: [String], input: String = "") async throws -> Outcome {
    var options = PlatformOptions()
    options.createSession = true
    let command = asAccount + [program] + arguments
    let result = try await Subprocess.run(
      .path(FilePath(command[0])), arguments: Arguments(Array(command.dropFirst())),
      environment: .inherit.updating(["LC_ALL": "C"]),
      // A directory that every user can enter; the one Caravan runs in may be closed to this one.
      workingDirectory: "/", platformOptions: options, input: .string(input),
      output: .string(limit: Self.outputBytesMax), error: .string(limit: Self.outputBytesMax))
    return Outcome(
      succeeded: result.terminationStatus.isSuccess, output: result.standardOutput,
      errors: result.standardError)
  }

  /// What stands before a command to run it as the account.
  ///
  /// setpriv rather than Subprocess's own `userID`: that calls setuid between clone and exec, where
  /// glibc waits for threads that only the parent has, and now and then never returns.
  private var asAccount: [String] {
    guard account.isChange else { return [] }
    return [
      "/usr/bin/setpriv", "--reuid=\(account.user)", "--regid=\(account.group)", "--init-groups",
      "--",
    ]
  }

  /// Whether the account can work in a directory: asked of the system as that user, since every
  /// directory above it has a say.
  func canUse(_ directory: String) async throws -> Bool {
    try await run("/usr/bin/test", ["-w", directory, "-a", "-x", directory]).succeeded
  }
}
