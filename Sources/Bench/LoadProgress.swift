/// How far a run has come.
package struct LoadProgress: Sendable, Equatable {
  /// Since the run began, in seconds, and how long it will take, warm-up included.
  package var elapsed: Double
  package var total: Double
  /// Transactions that have ended so far, and calls that failed.
  package var ended: Int
  package var failed: Int
  /// Transactions that ended lately, a second.
  package var perSecond: Double

  package init(elapsed: Double, total: Double, ended: Int, failed: Int, perSecond: Double) {
    self.elapsed = elapsed
    self.total = total
    self.ended = ended
    self.failed = failed
    self.perSecond = perSecond
  }

  private static let barWidth = 20

  /// One line, such as `run 2 of 4, 64 callers [#####...............] 3 of 12 s: 3,105/s`.
  package func line(run: Int, of runs: Int, _ plan: LoadPlan) -> String {
    let share = total > 0 ? min(1, elapsed / total) : 1
    let full = Int((share * Double(Self.barWidth)).rounded(.down))
    let bar =
      String(repeating: "#", count: full) + String(repeating: ".", count: Self.barWidth - full)
    let rest =
      elapsed < total
      ? "\(Int(elapsed)) of \(Int(total.rounded(.up))) s: \(Figure.grouped(Int(perSecond)))/s"
      : "waiting for those under way"
    let failures = failed > 0 ? ", \(Figure.grouped(failed)) failed" : ""
    return "run \(run) of \(runs), \(plan.paceText) [\(bar)] \(rest)\(failures)"
  }
}
