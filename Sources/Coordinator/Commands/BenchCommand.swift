import ArgumentParser
import Bench
import Foundation
import Logging
import NIOCore
import Transport

/// Measures a coordinator that is running.
struct BenchCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench",
    abstract: "Press a running coordinator with transactions and measure them.",
    discussion: """
      Latency is the time to the end of a transaction, not to the first reply. With --rate, \
      transactions begin on schedule whatever becomes of those before, and latency counts from \
      when each was due; else each of the callers begins the next when its last has ended.
      The coordinator must be allowed to call the participants (--participants-allow).
      """,
    subcommands: [BenchParticipantsCommand.self])

  @Option(help: "Where the coordinator is.")
  var target = "127.0.0.1:7070"

  @Option(
    help: ArgumentHelp(
      "Where participants already serve; without it, a process of their own is started.",
      valueName: "addresses"))
  var participants: String?

  @Option(
    help: ArgumentHelp(
      "The branches of every transaction: tcc or saga, each with @LEVEL and *COUNT where wanted.",
      valueName: "branches"))
  var branches = "saga,saga"

  @Option(help: "By which calls: execute is one, steps is Begin, Register, Commit.")
  var route = Workload.Route.execute

  @Option(help: "What the caller waits for; the end is measured in any case.")
  var wait = Workload.Wait.end

  @Option(help: ArgumentHelp("Bytes of each call's payload.", valueName: "size"))
  var payload = "200B"

  @Option(
    help: ArgumentHelp(
      "Share of the transactions whose last branch is refused.", valueName: "percent"))
  var refused = 0.0

  @Option(
    help: ArgumentHelp(
      "Callers at the same time, one run for each number; with --rate the most that may be under "
        + "way.", valueName: "numbers"))
  var concurrency = "1,16,64,256"

  @Option(help: ArgumentHelp("Transactions that begin each second.", valueName: "number"))
  var rate: Double?

  @Option(help: ArgumentHelp("How long each run is counted.", valueName: "duration"))
  var duration = "10s"

  @Option(
    name: .customLong("warm-up"),
    help: ArgumentHelp("What comes before that and is not counted.", valueName: "duration"))
  var warmUp = "2s"

  @Option(help: ArgumentHelp("Connections to the coordinator.", valueName: "count"))
  var connections = 4

  @Option(help: ArgumentHelp("Threads that make calls.", valueName: "count"))
  var threads = 1

  @Option(
    help: ArgumentHelp("Also write the results there, as JSON.", valueName: "file"),
    completion: .file(extensions: ["json"]))
  var json: String?

  func validate() throws {
    _ = try orders()
  }

  func run() async throws {
    let orders = try orders()
    let started = participants == nil ? try await ParticipantsProcess.start() : nil
    defer { started?.stop() }
    let generator = LoadGenerator(
      target: target, participants: orders.participants ?? [started?.address ?? ""],
      workload: orders.workload, logger: Self.logger)
    let table = LoadTable(workload: orders.workload)
    print(table.head)
    var results: [LoadResult] = []
    for plan in orders.plans {
      let result = try await generator.run(plan, progress: Self.progress(plan))
      print("\(Self.clearLine)\(table.row(result))")
      results.append(result)
    }
    if let json { try BenchRecord(self, orders.workload, results).write(to: json) }
    if results.allSatisfy({ $0.committed + $0.rolledBack == 0 }) {
      throw NothingEnded(target: target, errors: results.first?.errors ?? [:])
    }
  }

  // MARK: on the terminal

  private static let isOnTerminal = isatty(STDOUT_FILENO) == 1
  private static let clearLine = isOnTerminal ? "\r\u{1B}[K" : ""

  private static func progress(_ plan: LoadPlan) -> @Sendable (Int) -> Void {
    { ended in
      guard isOnTerminal else { return }
      FileHandle.standardOutput.write(
        Data("\(clearLine)\(plan.paceText): \(ended) transactions ended".utf8))
    }
  }

  static var logger: Logger {
    var logger = Logger(label: "caravan.bench") { StreamLogHandler.standardError(label: $0) }
    logger.logLevel = .warning
    return logger
  }
}

/// Nothing was measured, because no transaction came to an end.
private struct NothingEnded: Error, CustomStringConvertible {
  let target: String
  let errors: [String: Int]

  var description: String {
    let counts = errors.sorted { $0.key < $1.key }.map { "\($0.value) × \($0.key)" }
    let what = counts.isEmpty ? "no call was answered" : counts.joined(separator: ", ")
    return """
      no transaction ended: \(what). Is a coordinator serving on \(target), and is it allowed to \
      call the participants (--participants-allow)?
      """
  }
}

extension Workload.Route: ExpressibleByArgument {}
extension Workload.Wait: ExpressibleByArgument {}
