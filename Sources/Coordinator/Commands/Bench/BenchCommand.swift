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
      Latency is the time to the final outcome of a transaction, not to the first reply. With \
      --rate, transactions begin on schedule whatever becomes of those before, and latency counts \
      from when each was due; else each of the callers begins the next when its last has ended.

      The coordinator must be allowed to call the participants: serve it with \
      --participants-allow 127.0.0.1. It must be one that nobody needs: every transaction is a \
      real one and stays in its database.
      """,
    subcommands: [BenchParticipantsCommand.self])

  @Option(help: "Where the coordinator is.")
  var target = "127.0.0.1:7070"

  @Option(
    help: ArgumentHelp(
      "Where participants already serve (caravan bench participants), with commas between them, "
        + "http:// in front of those that speak HTTP; "
        + "without it, a process of their own is started.", valueName: "addresses"))
  var participants: String?

  @Option(
    help: ArgumentHelp(
      "The branches of every transaction: tcc or saga, each with /http, @LEVEL and *COUNT where wanted.",
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

  @Option(
    help: ArgumentHelp(
      "Threads that make calls, and threads of the participants.", valueName: "count"))
  var threads = 1

  @Option(
    help: ArgumentHelp("Also write the results there, as JSON.", valueName: "file"),
    completion: .file(extensions: ["json"]))
  var json: String?

  @Option(
    help: ArgumentHelp(
      "Also draw them there: throughput and latency over concurrency, as SVG.",
      valueName: "file"),
    completion: .file(extensions: ["svg"]))
  var svg: String?

  func validate() throws {
    _ = try orders()
  }

  func run() async throws {
    let orders = try orders()
    let started = participants == nil ? try await ParticipantsProcess.start(threads) : nil
    defer { started?.stop() }
    let generator = LoadGenerator(
      target: target, participants: orders.participants ?? started?.places ?? [],
      workload: orders.workload, logger: Self.logger)
    if let objection = await generator.probe() {
      throw NobodyThere(target: target, objection: objection)
    }
    let table = LoadTable(workload: orders.workload, plan: orders.plans[0])
    let screen = BenchScreen()
    Self.tell(table.head)
    var results: [LoadResult] = []
    for (index, plan) in orders.plans.enumerated() {
      let result = try await generator.run(plan) { progress in
        screen.show(progress, progress.line(run: index + 1, of: orders.plans.count, plan))
      }
      screen.clear()
      Self.tell(table.row(result))
      results.append(result)
      // The others would fail as well, and take their time.
      guard result.committed + result.rolledBack > 0 else { break }
    }
    let isMeasured = results.contains { $0.committed + $0.rolledBack > 0 }
    if isMeasured, let machine = table.machine(results) { Self.tell("\n\(machine)") }
    if let json { try BenchRecord(self, orders.workload, results).write(to: json) }
    if let svg {
      let chart = LoadChart(
        workload: orders.workload, plan: orders.plans[0], results: results, caption: caption)
      try Data(chart.svg.utf8).write(to: URL(fileURLWithPath: svg))
    }
    if let last = results.last, last.committed + last.rolledBack == 0 {
      throw NothingEnded(target: target, isDenied: last.errors["PERMISSION_DENIED"] != nil)
    }
  }

  private var caption: String {
    let format = Date.ISO8601FormatStyle().year().month().day()
    return "caravan \(Caravan.version) on \(target), \(Date.now.formatted(format))"
  }

  /// At once, also where standard output is a pipe or a file.
  private static func tell(_ text: String) {
    FileHandle.standardOutput.write(Data((text + "\n").utf8))
  }

  static var logger: Logger {
    var logger = Logger(label: "caravan.bench") { StreamLogHandler.standardError(label: $0) }
    logger.logLevel = .warning
    return logger
  }
}

/// No server answers at the target.
private struct NobodyThere: Error, CustomStringConvertible {
  let target: String
  let objection: String

  var description: String {
    "no coordinator answers on \(target): \(objection). Start one, or name another by --target."
  }
}

/// Nothing was measured, because no transaction came to an end.
private struct NothingEnded: Error, CustomStringConvertible {
  let target: String
  let isDenied: Bool

  var description: String {
    isDenied
      ? """
      no transaction ended: the coordinator on \(target) is not allowed to call the participants. \
      Start it with --participants-allow 127.0.0.1, or where they are.
      """
      : "no transaction ended: the table says what the calls to \(target) were answered"
  }
}

extension Workload.Route: ExpressibleByArgument {}
extension Workload.Wait: ExpressibleByArgument {}
