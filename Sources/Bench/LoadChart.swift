/// Results as a picture that stands alone: throughput and latency over concurrency, and how
/// latencies are spread.
package struct LoadChart {
  private let workload: Workload
  private let plan: LoadPlan
  private let results: [LoadResult]
  private let caption: String

  /// `plan`: one of those that were run. `caption` says where and when they were.
  package init(workload: Workload, plan: LoadPlan, results: [LoadResult], caption: String) {
    self.workload = workload
    self.plan = plan
    self.results = results.sorted { $0.concurrency < $1.concurrency }
    self.caption = caption
  }

  private static let width = 980.0
  private static let height = 820.0
  /// Curves that can be told apart by their colours.
  private static let curvesMax = 6

  /// The whole file.
  package var svg: String {
    let doubts = results.contains { $0.machine.map { !Doubt.all($0).isEmpty } ?? false }
    var parts = [
      """
      <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(Int(Self.width)) \(Int(Self.height))" \
      role="img">
      """,
      Self.style,
      #"<rect class="paper" width="\#(Int(Self.width))" height="\#(Int(Self.height))" rx="8"/>"#,
      ChartPanel.text("Caravan: \(workload.name)", 32, 42, "title"),
    ]
    let lines = [workload.details, plan.title, caption]
    for (index, line) in lines.enumerated() {
      parts.append(ChartPanel.text(line, 32, 66 + 20 * Double(index), "label"))
    }
    if doubts {
      let warning = "Other load or the load generator itself spoiled some of these figures."
      parts.append(ChartPanel.text(warning, 32, 126, "warning"))
    }
    parts += [throughput.svg, latency.svg, spread.svg, "</svg>\n"]
    return parts.joined(separator: "\n")
  }

  // MARK: panels

  private var concurrency: ChartAxis { .at(results.map { Double($0.concurrency) }) }

  private var concurrencyTitle: String {
    plan.isOpen ? "transactions under way at most" : "callers at the same time"
  }

  private var throughput: ChartPanel {
    let points = results.map { (x: Double($0.concurrency), y: $0.perSecond) }
    return ChartPanel(
      title: "Throughput", xTitle: concurrencyTitle, yTitle: "transactions per second",
      x: concurrency, y: .fromZero(points.map(\.y)),
      lines: [ChartPanel.Line(name: "transactions that ended", style: "c0", points: points)],
      left: 92, top: 196, width: 370, height: 210)
  }

  private var latency: ChartPanel {
    let measured = results.filter { $0.end.count > 0 }
    let line = { (name: String, style: String, time: (LatencySummary) -> Int) in
      ChartPanel.Line(
        name: name, style: style,
        points: measured.map { (Double($0.concurrency), Self.milliseconds(time($0.end))) })
    }
    let lines = [line("p50", "c1", \.p50), line("p99", "c2", \.p99)]
    return ChartPanel(
      title: "Latency to the final outcome", xTitle: concurrencyTitle, yTitle: "milliseconds",
      x: concurrency, y: .logarithmic(lines.flatMap { $0.points.map(\.y) }), lines: lines,
      left: 576, top: 196, width: 370, height: 210)
  }

  private var spread: ChartPanel {
    let drawn = Array(results.filter { $0.end.count > 0 }.suffix(Self.curvesMax))
    let x = ChartAxis.percentiles(count: drawn.map(\.end.count).max() ?? 0)
    let lines = drawn.enumerated().map { index, result in
      // A percentile that less than one transaction stands for says nothing.
      let last = 100 - 100 / Double(result.end.count)
      let points = result.end.percentiles.filter { $0.percentile <= min(last, 99.99) }
      return ChartPanel.Line(
        name: Figure.count(result.concurrency, "caller"), style: "c\(index)",
        points: points.map {
          (ChartAxis.nines($0.percentile), Self.milliseconds($0.microseconds))
        }, isMarked: false)
    }
    return ChartPanel(
      title: "How latencies are spread", xTitle: "share of the transactions that took no longer",
      yTitle: "milliseconds", x: x, y: .logarithmic(lines.flatMap { $0.points.map(\.y) }),
      lines: lines, left: 92, top: 546, width: 854, height: 210)
  }

  private static func milliseconds(_ microseconds: Int) -> Double {
    Double(max(1, microseconds)) / 1000
  }

  // MARK: style

  /// Colours for a light page and for a dark one, as the reader's system asks for.
  private static let style: String = {
    let light = ["#2563eb", "#0d9488", "#dc2626", "#9333ea", "#b45309", "#475569"]
    let dark = ["#7aa2ff", "#3fd0bd", "#ff8080", "#cf9bff", "#f2b14c", "#a9b6c6"]
    return """
      <style>
      text{font:13px system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
      .title{font-size:20px;font-weight:600}.name{font-size:15px;font-weight:600}
      .middle{text-anchor:middle}.end{text-anchor:end}
      .line{fill:none;stroke-width:2.2;stroke-linejoin:round;stroke-linecap:round}
      .grid,.axis{stroke-width:1}
      \(palette(light, paper: "#ffffff", ink: "#16202b", dim: "#52606d", grid: "#e4e9ee"))
      @media (prefers-color-scheme:dark){
      \(palette(dark, paper: "#12181f", ink: "#eef2f6", dim: "#a3b1bf", grid: "#2a3541"))
      }
      </style>
      """
  }()

  private static func palette(
    _ colours: [String], paper: String, ink: String, dim: String, grid: String
  ) -> String {
    let lines = colours.enumerated().map { index, colour in
      ".line.c\(index){stroke:\(colour)}.dot.c\(index){fill:\(colour)}"
    }
    return """
      .paper{fill:\(paper)}.title,.name{fill:\(ink)}.label{fill:\(dim)}
      .grid{stroke:\(grid)}.axis{stroke:\(dim)}.warning{fill:\(colours[2])}
      \(lines.joined())
      """
  }
}
