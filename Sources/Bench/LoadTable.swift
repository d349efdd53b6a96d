import NIOCore

/// Results as a table for a terminal, a row for each run.
package struct LoadTable: Sendable {
  private let workload: Workload

  package init(workload: Workload) {
    self.workload = workload
  }

  private static let columns = [
    "callers", "asked/s", "tx/s", "p50 ms", "p90 ms", "p99 ms", "p99.9 ms", "max ms",
    "rolled back", "errors",
  ]

  /// What is measured, and the names of the columns.
  package var head: String {
    """
    \(workload.title)
    \(Self.line(Self.columns))
    """
  }

  package func row(_ result: LoadResult) -> String {
    let times = [result.end.p50, result.end.p90, result.end.p99, result.end.p999, result.end.max]
    var cells = ["\(result.concurrency)", result.asked.map { Self.number($0) } ?? "-"]
    cells.append(Self.number(result.perSecond))
    cells += times.map { Self.number(Double($0) / 1000) }
    cells += ["\(result.rolledBack)", errors(result)]
    return Self.line(cells) + notes(result)
  }

  private func errors(_ result: LoadResult) -> String {
    result.errors.isEmpty ? "0" : "\(Self.number(result.errorShare * 100))%"
  }

  private func notes(_ result: LoadResult) -> String {
    var notes = result.errors.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }
    if result.neverBegun > 0 { notes.append("\(result.neverBegun) never begun") }
    if workload.wait != .end {
      notes.append("answered after \(Self.number(Double(result.answer.p50) / 1000)) ms (p50)")
    }
    return notes.isEmpty ? "" : "   " + notes.joined(separator: ", ")
  }

  private static func line(_ cells: [String]) -> String {
    zip(cells, columns).map { cell, column in
      String(repeating: " ", count: max(0, max(9, column.count) - cell.count)) + cell
    }.joined(separator: " ")
  }

  /// About three digits that count.
  static func number(_ value: Double) -> String {
    let digits = value >= 100 ? 0 : value >= 10 ? 1 : 2
    var scale = 1.0
    for _ in 0..<digits { scale *= 10 }
    let scaled = Int((value * scale).rounded())
    guard digits > 0 else { return "\(scaled)" }
    let fraction = String(scaled % Int(scale))
    let zeros = String(repeating: "0", count: digits - fraction.count)
    return "\(scaled / Int(scale)).\(zeros)\(fraction)"
  }
}

extension Workload {
  /// In words.
  var title: String {
    let calls = route == .execute ? "Execute" : "Begin, Register, Commit"
    var runs: [(shape: BranchShape, count: Int)] = []
    for branch in branches {
      if runs.last?.shape == branch {
        runs[runs.count - 1].count += 1
      } else {
        runs.append((branch, 1))
      }
    }
    let shapes = runs.map { "\($0.count) \($0.shape.mode.rawValue) (level \($0.shape.level))" }
    return "\(calls): \(shapes.joined(separator: ", ")); payload \(payloadBytes) bytes"
  }
}

extension LoadPlan {
  /// For a line of progress.
  package var paceText: String {
    switch pace {
    case .closed(let concurrency): "\(concurrency) callers"
    case .open(let perSecond, _): "\(LoadTable.number(perSecond)) a second"
    }
  }
}
