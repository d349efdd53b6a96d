import Foundation
import Subprocess
import SystemPackage
import Testing

@testable import Coordinator

/// Runs the program as a process, as people do.
@Suite struct CommandLineTests {
  private struct Outcome {
    let status: TerminationStatus
    let output: String
    let errors: String
  }

  private func caravan(
    _ arguments: String..., environment: [Environment.Key: String?] = [:]
  ) async throws -> Outcome {
    let result = try await run(
      .path(FilePath(try Self.program)), arguments: Arguments(arguments),
      environment: .inherit.updating(environment),
      output: .string(limit: 1 << 20), error: .string(limit: 1 << 20))
    return Outcome(
      status: result.terminationStatus, output: result.standardOutput,
      errors: result.standardError)
  }

  /// The program stands beside the tests, built by the same build.
  private static var program: String {
    get throws {
      let tests = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
      for argument in CommandLine.arguments + [tests] {
        let beside = URL(fileURLWithPath: argument).deletingLastPathComponent()
          .appending(path: "caravan").path
        if FileManager.default.isExecutableFile(atPath: beside) { return beside }
      }
      throw UsageError("no caravan beside \(CommandLine.arguments)")
    }
  }

  @Test func versionAndHelpGoToStandardOutput() async throws {
    let version = try await caravan("--version")
    #expect(version.output == Caravan.version + "\n")
    #expect(version.status.isSuccess)
    let help = try await caravan("serve", "--help")
    #expect(help.status.isSuccess)
    #expect(help.output.contains("--listen <host:port>"))
    #expect(help.output.contains("(default: 127.0.0.1:7070)"))
    #expect(help.errors.isEmpty)
  }

  @Test(arguments: [
    (["serve"], "--database is missing"),
    (["serve", "--nonsense"], "Unknown option '--nonsense'"),
    (["serve", "nonsense"], "nonsense"),
    (["nonsense"], "nonsense"),
    (["serve", "--writers"], "--writers"),
    (["serve", "--writers", "abc"], "--writers: 'abc' is not accepted"),
    (["serve", "--database", "nonsense"], "--database: the value is not accepted"),
    (["serve", "--config", "/nowhere.json"], "/nowhere.json"),
    (
      ["serve", "--database", "host=/tmp", "--listen", "0.0.0.0:0"],
      "--participants-allow is empty"
    ),
    (
      ["serve", "--database", "host=/tmp", "--http-listen", "0.0.0.0:0"],
      "--participants-allow is empty"
    ),
    (["migrate"], "--database is missing"),
    (["dev", "--database", "host=/tmp"], "brings a PostgreSQL of its own"),
    (["dev", "--listen", "0.0.0.0:7070"], "open to other machines"),
    (["dev", "--http-listen", "0.0.0.0:7071"], "open to other machines"),
  ])
  func aUsageErrorExitsTwoAndSaysWhatIsWrong(arguments: [String], part: String) async throws {
    let result = try await run(
      .path(FilePath(try Self.program)), arguments: Arguments(arguments),
      environment: .inherit.updating(["CARAVAN_DATABASE_URL": nil]),
      output: .string(limit: 1 << 20), error: .string(limit: 1 << 20))
    #expect(result.terminationStatus == .exited(2))
    #expect(result.standardError.contains(part), "\(result.standardError)")
    #expect(result.standardOutput.isEmpty)
  }

  @Test func anUnknownVariableExitsTwo() async throws {
    let outcome = try await caravan("serve", environment: ["CARAVAN_WRITER": "1"])
    #expect(outcome.status == .exited(2))
    #expect(
      outcome.errors.contains("CARAVAN_WRITER: no such setting; did you mean CARAVAN_WRITERS?"))
  }

  @Test func aDatabaseThatIsNotThereExitsOneAndSaysSo() async throws {
    let outcome = try await caravan(
      "serve", "--database", "host=/nowhere", "--listen", "127.0.0.1:0", "--http-listen", "")
    #expect(outcome.status == .exited(1))
    #expect(outcome.errors.contains("/nowhere"))
  }
}
