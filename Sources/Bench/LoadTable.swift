import NIOCore

/// Results as text for a terminal: a row for each run, and what the machine did meanwhile.
package struct LoadTable: Sendable {
  private let workload: Workload
  private let plan: LoadPlan

  /// `plan`: one of those that are run; they differ in their concurrency alone.
  package init(workload: Workload, plan: LoadPlan) {
    self.workload = workload
    self.plan = plan
  }

  // MARK: the runs

  private var columns: [String] {
    ["callers"] + (plan.isOpen ? ["asked/s"] : [])
      + ["tx/s", "p50", "p90", "p99", "p99.9", "max", "rolled back", "errors"]
  }

  /// What is measured, and the names of the columns.
  package var head: String {
    let from =
      plan.isOpen
      ? """
      Times count from when a transaction was due, so that waiting behind a stall counts, to its \
      final outcome
      """
      : "Times count from the beginning of a transaction to its final outcome"
    return """
      \(workload.title)
      \(plan.title)
      \(from) (committed or rolled back), in milliseconds.

      \(line(columns, columns))
      """
  }

  package func row(_ result: LoadResult) -> String {
    let times = [result.end.p50, result.end.p90, result.end.p99, result.end.p999, result.end.max]
    var cells = [Figure.grouped(result.concurrency)]
    if plan.isOpen { cells.append(Figure.plain(result.asked ?? 0)) }
    cells.append(rate(result.perSecond))
    cells += times.map { result.end.count == 0 ? "-" : Figure.short(Double($0) / 1000) }
    cells += [
      Figure.grouped(result.rolledBack),
      result.errors.isEmpty ? "0" : "\(Figure.short(result.errorShare * 100)) %",
    ]
    return ([line(cells, columns)] + notes(result).map { "         \($0)" })
      .joined(separator: "\n")
  }

  private func rate(_ value: Double) -> String {
    value >= 100 ? Figure.grouped(Int(value.rounded())) : Figure.short(value)
  }

  private func notes(_ result: LoadResult) -> [String] {
    var notes: [String] = []
    for (name, count) in result.errors.sorted(by: { $0.key < $1.key }) {
      notes.append(
        "\(Figure.grouped(count)) × \(name), which tells no outcome"
          + Self.example(result.errorTexts[name]))
    }
    if workload.refusedShare == 0, result.rolledBack > 0 {
      notes.append("rolled back although no branch is refused" + Self.example(result.rollbackText))
    }
    if result.neverBegun > 0 {
      notes.append(
        "\(Figure.grouped(result.neverBegun)) were due and found no room before the run was over")
    }
    if let answer = result.answer {
      notes.append(
        """
        the caller was answered earlier: p50 \(Figure.short(Double(answer.p50) / 1000)), \
        p99 \(Figure.short(Double(answer.p99) / 1000))
        """)
    }
    return notes
  }

  private static func example(_ text: String?) -> String {
    guard let text, !text.isEmpty else { return "" }
    return ", such as: \(text)"
  }

  // MARK: the machine

  private static let machineColumns = [
    "callers", "in use", "load gen.", "participants", "coordinator", "PostgreSQL", "others",
    "stolen", "switched out/s",
  ]

  /// What else the machine did during the runs, and what speaks against the figures; nil where it
  /// does not tell.
  package func machine(_ results: [LoadResult]) -> String? {
    let uses = results.compactMap { result in result.machine.map { (result.concurrency, $0) } }
    guard !uses.isEmpty else { return nil }
    var lines = [
      "This machine's CPU meanwhile, in % of all of it:", "",
      line(Self.machineColumns, Self.machineColumns),
    ]
    for (callers, use) in uses {
      let shares = [
        use.busy, use.loadGenerator, use.participants, use.coordinator, use.postgres, use.others,
        use.steal,
      ]
      lines.append(
        line(
          [Figure.grouped(callers)] + shares.map(Figure.percent)
            + [Figure.grouped(Int(use.involuntarySwitches.rounded()))], Self.machineColumns))
    }
    let doubts = Doubt.lines(results)
    if !doubts.isEmpty { lines += ["", "WARNING: these figures are not to be trusted."] + doubts }
    return lines.joined(separator: "\n")
  }

  private func line(_ cells: [String], _ columns: [String]) -> String {
    zip(cells, columns).map { cell, column in
      String(repeating: " ", count: max(0, max(8, column.count) - cell.count)) + cell
    }.joined(separator: " ")
  }
}

extension Workload {
  /// In words, such as `Execute of 2 Saga; payloads of 200 bytes`.
  package var title: String { "\(name); \(details)" }

  /// By which calls which branches: `Execute of 1 TCC, 1 Saga`.
  var name: String {
    let calls = route == .execute ? "Execute of" : "Begin, Register and Commit of"
    var runs: [(shape: BranchShape, count: Int)] = []
    for branch in branches {
      if runs.last?.shape == branch {
        runs[runs.count - 1].count += 1
      } else {
        runs.append((branch, 1))
      }
    }
    let isFlat = branches.allSatisfy { $0.level == 0 }
    let shapes = runs.map { run in
      let name = run.shape.mode == .tcc ? "TCC" : "Saga"
      return "\(run.count) \(name)" + (run.shape.language == .http ? " over HTTP" : "")
        + (isFlat ? "" : " on level \(run.shape.level)")
    }
    return "\(calls) \(shapes.joined(separator: ", "))"
  }

  /// All else there is to say of it.
  var details: String {
    var details = "payloads of \(Figure.count(payloadBytes, "byte"))"
    if refusedShare > 0 {
      details += "; the last branch is refused in \(Figure.percent(refusedShare)) %"
    }
    switch wait {
    case .end: break
    case .decision: details += "; callers wait for the decision"
    case .none: details += "; callers do not wait"
    }
    return details
  }
}

extension LoadPlan {
  var isOpen: Bool {
    if case .open = pace { true } else { false }
  }

  /// How the load is made, in words.
  package var title: String {
    let runs = "\(Figure.plain(duration.seconds)) s each after \(Figure.plain(warmUp.seconds)) s"
    let ways = "\(Figure.count(connections, "connection")), \(Figure.count(threads, "thread"))"
    switch pace {
    case .closed:
      return "Each caller begins its next transaction when the last has ended; \(runs); \(ways)"
    case .open(let perSecond, _):
      return "\(Figure.plain(perSecond)) transactions begin each second; \(runs); \(ways)"
    }
  }

  /// For a line of progress.
  package var paceText: String {
    switch pace {
    case .closed(let concurrency): Figure.count(concurrency, "caller")
    case .open(let perSecond, _): "\(Figure.plain(perSecond)) a second"
    }
  }
}
