import Histogram
import NIOCore

/// What a run measured.
package struct LoadResult: Sendable, Codable, Equatable {
  /// Callers of a closed pace; the most that may be under way of an open one.
  package var concurrency: Int
  /// Transactions a second that an open pace asks for; nil for a closed one.
  package var asked: Double?
  /// The time that was counted.
  package var seconds: Double
  package var committed: Int
  package var rolledBack: Int
  /// Transactions that ended, a second.
  package var perSecond: Double
  /// How often which status ended a transaction's calls without telling its outcome.
  package var errors: [String: Int]
  /// What the first of them said.
  package var errorTexts: [String: String]
  /// Why the first transaction that rolled back did so, as its caller was told.
  package var rollbackText: String?
  /// Share of the transactions that ended so.
  package var errorShare: Double
  /// From the beginning of a transaction to its end. In an open pace from when it should have
  /// begun: a coordinator that stalls delays those that wait as well.
  package var end: LatencySummary
  /// From the beginning of a transaction to the answer of its last call, which comes earlier where
  /// the workload does not wait for the end; nil where it does.
  package var answer: LatencySummary?
  /// Transactions that ended at any time of the run, warm-up and rest included.
  package var endedEver: Int
  /// Open pace: transactions that were due and could not begin before the end of the run.
  package var neverBegun: Int
  /// What the machine did meanwhile; nil where it does not tell.
  package var machine: MachineUse?

  init(_ tally: Tally, plan: LoadPlan, machine: MachineUse? = nil) {
    switch plan.pace {
    case .closed(let concurrency):
      self.concurrency = concurrency
      asked = nil
    case .open(let perSecond, let concurrencyMax):
      concurrency = concurrencyMax
      asked = perSecond
    }
    seconds = Double(plan.duration.nanoseconds) / 1e9
    committed = tally.committed
    rolledBack = tally.rolledBack
    errors = tally.errors
    errorTexts = tally.errorTexts
    rollbackText = tally.rollbackText
    let ended = tally.committed + tally.rolledBack
    let failed = tally.errors.values.reduce(0, +)
    perSecond = seconds > 0 ? Double(ended) / seconds : 0
    errorShare = ended + failed > 0 ? Double(failed) / Double(ended + failed) : 0
    end = LatencySummary(tally.ends)
    answer = tally.answers.totalCount > 0 ? LatencySummary(tally.answers) : nil
    endedEver = tally.endedEver
    neverBegun = tally.neverBegun
    self.machine = machine
  }
}
