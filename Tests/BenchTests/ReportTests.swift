import Foundation
import FoundationXML
import Logging
import NIOConcurrencyHelpers
import NIOCore
import Testing

@testable import Bench

/// What a run is told by: the table, the line of progress, the chart.
@Suite struct ReportTests {
  private let workload = Workload(branches: [
    BranchShape(mode: .tcc, level: 0), BranchShape(mode: .saga, level: 1),
  ])
  private let plan = LoadPlan(pace: .closed(concurrency: 64))

  /// A run in which `times`, in milliseconds, were measured.
  private func result(
    _ concurrency: Int, times: [Int64], errors: [String: Int] = [:], machine: MachineUse? = nil
  ) -> LoadResult {
    var tally = Tally()
    for time in times { tally.ends.recordTime(.milliseconds(time)) }
    tally.committed = times.count
    tally.errors = errors
    return LoadResult(
      tally, plan: LoadPlan(pace: .closed(concurrency: concurrency)), machine: machine)
  }

  @Test func tableSaysWhatItsTimesAre() {
    let table = LoadTable(workload: workload, plan: plan)
    #expect(
      table.head.hasPrefix(
        "Execute of 1 TCC on level 0, 1 Saga on level 1; payloads of 200 bytes\n"))
    #expect(table.head.contains("to its final outcome (committed or rolled back)"))
    #expect(!table.head.contains("asked/s"))
    let open = LoadPlan(pace: .open(perSecond: 100, concurrencyMax: 5))
    let head = LoadTable(workload: workload, plan: open).head
    #expect(head.contains("from when a transaction was due"))
    #expect(head.contains("asked/s"))
  }

  @Test func rowSaysWhichErrorsThereWere() {
    let table = LoadTable(workload: workload, plan: plan)
    var failing = result(64, times: [1, 2, 3], errors: ["UNAVAILABLE": 1])
    failing.errorTexts = ["UNAVAILABLE": "no database"]
    let row = table.row(failing)
    #expect(row.contains("25.0 %"))
    #expect(row.contains("1 × UNAVAILABLE, which tells no outcome, such as: no database"))
    #expect(table.row(result(64, times: [])).contains(" - "))
  }

  @Test func rollbacksThatNobodyAskedForAreExplained() {
    var rolledBack = result(1, times: [])
    rolledBack.rolledBack = 3
    rolledBack.rollbackText = "branch b0 failed"
    let table = LoadTable(workload: workload, plan: plan)
    #expect(table.row(rolledBack).contains("although no branch is refused, such as: branch b0"))
    var refusing = workload
    refusing.refusedShare = 0.5
    #expect(!LoadTable(workload: refusing, plan: plan).row(rolledBack).contains("although"))
  }

  @Test func progressIsOneShortLine() {
    let progress = LoadProgress(elapsed: 3.2, total: 12, ended: 9_000, failed: 0, perSecond: 3105)
    let line = progress.line(run: 2, of: 4, plan)
    #expect(line == "run 2 of 4, 64 callers [#####...............] 3 of 12 s: 3,105/s")
    var late = progress
    late.elapsed = 14
    late.failed = 1
    #expect(late.line(run: 2, of: 4, plan).hasSuffix("waiting for those under way, 1 failed"))
  }

  @Test func progressIsHeardWhileARunGoesOn() async throws {
    let heard = NIOLockedValueBox<[LoadProgress]>([])
    var plan = plan
    plan.warmUp = .zero
    plan.duration = .milliseconds(1_300)
    let generator = LoadGenerator(
      target: "127.0.0.1:1", participants: ["127.0.0.1:1"], workload: workload, logger: quiet)
    _ = try await generator.run(plan) { progress in heard.withLockedValue { $0.append(progress) } }
    let last = try #require(heard.withLockedValue { $0.last })
    #expect(last.total == 1.3)
    #expect(last.failed > 0 && last.ended == 0)
  }

  @Test(arguments: [[1], [1, 16, 64, 256], [3, 4], Array(1...12)])
  func chartIsWellFormed(_ concurrencies: [Int]) throws {
    let results = concurrencies.map { result($0, times: Array(1...Int64($0 + 100))) }
    let chart = LoadChart(
      workload: workload, plan: plan, results: results, caption: "<here> & \"now\"")
    let reader = ElementCounter()
    let parser = XMLParser(data: Data(chart.svg.utf8))
    parser.delegate = reader
    #expect(parser.parse(), "\(String(describing: parser.parserError))")
    #expect(reader.count["svg"] == 1)
    // One for throughput, two for latency, one for each run's spread.
    #expect(reader.count["polyline"] == 3 + min(6, concurrencies.count))
    #expect(chart.svg.contains("prefers-color-scheme:dark"))
    for words in ["milliseconds", "transactions per second", "&lt;here&gt; &amp;"] {
      #expect(chart.svg.contains(words))
    }
    #expect(!chart.svg.contains("nan") && !chart.svg.contains("inf"))
  }

  @Test func chartOfNothingIsWellFormed() {
    let chart = LoadChart(
      workload: workload, plan: plan, results: [result(1, times: [])], caption: "")
    #expect(XMLParser(data: Data(chart.svg.utf8)).parse())
    #expect(!chart.svg.contains("nan") && !chart.svg.contains("inf"))
  }

  @Test func axesEndAtRoundNumbers() {
    #expect(ChartAxis.fromZero([1_830, 4_400]).ticks.last?.label == "5,000")
    #expect(
      ChartAxis.logarithmic([0.9, 34]).ticks.map(\.label) == [
        "0.5", "1", "2", "5", "10", "20", "50",
      ])
    #expect(
      ChartAxis.percentiles(count: 5_000).ticks.map(\.label) == [
        "0 %", "50 %", "90 %", "99 %", "99.9 %",
      ])
  }
}

private let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

private final class ElementCounter: NSObject, XMLParserDelegate {
  var count: [String: Int] = [:]

  func parser(
    _ parser: XMLParser, didStartElement name: String, namespaceURI: String?,
    qualifiedName: String?, attributes: [String: String]
  ) {
    count[name, default: 0] += 1
  }
}
