/// A reason not to trust a run's figures.
enum Doubt: Equatable {
  /// Other programs, and other machines on the same hardware, had this much of the processors.
  case others(Double, busiest: String?, stolen: Double)
  /// The load generator's threads were busy for this share of the time.
  case loadGenerator(Double)
  /// The participants' threads were.
  case participants(Double)

  /// More of the processors than this for others spoils the figures.
  static let othersMax = 0.1
  /// A thread that is as busy as this is what was measured.
  static let threadBusyMax = 0.9

  /// All that is known against a run.
  static func all(_ use: MachineUse) -> [Doubt] {
    var doubts: [Doubt] = []
    if use.others + use.steal > othersMax {
      let busiest = use.busiestOther.map { "\($0), \(Figure.percent(use.busiestOtherShare)) %" }
      doubts.append(.others(use.others, busiest: busiest, stolen: use.steal))
    }
    if use.generatorThreads > threadBusyMax { doubts.append(.loadGenerator(use.generatorThreads)) }
    if use.participantThreads > threadBusyMax {
      doubts.append(.participants(use.participantThreads))
    }
    return doubts
  }

  /// What speaks against which runs, and what to do about it.
  static func lines(_ results: [LoadResult]) -> [String] {
    var (findings, remedies): ([String], [String]) = ([], [])
    for result in results {
      for doubt in result.machine.map(all) ?? [] {
        let run =
          result.asked.map { "\(Figure.plain($0)) a second" }
          ?? Figure.count(result.concurrency, "caller")
        findings.append("  \(run): \(doubt.finding)")
        if !remedies.contains(doubt.remedy) { remedies.append(doubt.remedy) }
      }
    }
    return findings + remedies
  }

  var finding: String {
    switch self {
    case .others(let share, let busiest, let stolen):
      var text = "\(Figure.percent(share)) % of the CPU went to other programs"
      if let busiest { text += " (most to \(busiest))" }
      if stolen > 0.005 { text += ", \(Figure.percent(stolen)) % was stolen by the hypervisor" }
      return text
    case .loadGenerator(let share):
      return "the load generator itself was busy \(Figure.percent(share)) % of the time"
    case .participants(let share):
      return "the participants were busy \(Figure.percent(share)) % of the time"
    }
  }

  var remedy: String {
    switch self {
    case .others: "Measure again on a machine that does nothing else."
    case .loadGenerator, .participants: "Give them more --threads, or a machine of their own."
    }
  }
}
