import Testing

@testable import Bench

@Suite struct MachineUseTests {
  private static let stat = """
    cpu  100 5 50 800 20 3 7 15 0 0
    cpu0 50 2 25 400 10 1 3 7 0 0
    ctxt 12345
    """

  @Test func theMachineIsReadFromProcStat() throws {
    let machine = try #require(ProcessTable.Machine(stat: Self.stat))
    #expect(machine.programs == 155)
    #expect(machine.interrupts == 10)
    #expect(machine.idle == 820)
    #expect(machine.steal == 15)
    #expect(machine.all == 1_000)
    #expect(ProcessTable.Machine(stat: "") == nil)
    #expect(ProcessTable.Machine(stat: "cpu  1 2") == nil)
  }

  @Test func aProcessMayHaveAnyName() throws {
    let line = "42 (a) b (c) S 7 42 42 0 -1 4194304 1 0 0 0 30 12 0 0 20 0 1 0 991 1 1"
    let process = try #require(ProcessTable.Process(stat: line))
    #expect(process.name == "a) b (c")
    #expect(process.parent == 7)
    #expect(process.ticks == 42)
    #expect(process.started == 991)
    #expect(ProcessTable.Process(stat: "42 (a") == nil)
  }

  /// A table in which the machine has spent `programs` ticks of 1,000 and these processes theirs.
  private func table(
    programs: UInt64, idle: UInt64, steal: UInt64 = 0,
    _ processes: [(pid: Int, name: String, parent: Int, ticks: UInt64, arguments: [String])]
  ) throws -> ProcessTable {
    let stat = "cpu  \(programs) 0 0 \(idle) 0 0 0 \(steal) 0 0"
    var table = ProcessTable(
      machine: try #require(ProcessTable.Machine(stat: stat)), processes: [:])
    for process in processes {
      let line =
        "\(process.pid) (\(process.name)) S \(process.parent) 0 0 0 0 0 0 0 0 0 \(process.ticks) 0"
        + " 0 0 0 0 0 0 5 0 0"
      table.processes[process.pid] = ProcessTable.Process(stat: line)
      table.processes[process.pid]?.arguments = process.arguments
    }
    return table
  }

  @Test func whoHadTheProcessorsIsToldApart() throws {
    let serve = ["caravan", "serve"]
    let first = try table(
      programs: 0, idle: 0,
      [(1, "load", 0, 10, []), (2, "caravan", 9, 0, serve), (8, "cc", 9, 0, [])])
    let last = try table(
      programs: 800, idle: 150, steal: 50,
      [
        (1, "load", 0, 110, []), (2, "caravan", 9, 200, serve), (3, "caravan", 1, 50, []),
        (4, "postgres", 9, 150, []), (5, "kworker/0", 2, 20, []), (8, "cc", 9, 100, []),
      ])
    let use = MachineUse(between: first, and: last, self: 1, threads: 1)
    #expect(use.busy == 0.85)
    #expect(use.loadGenerator == 0.1)
    #expect(use.participants == 0.05)
    #expect(use.coordinator == 0.2)
    #expect(use.postgres == 0.15)
    // 800 - 100 - 200 - 50 - 150 - 20: also what is gone by the end.
    #expect(abs(use.others - 0.28) < 1e-9)
    #expect(use.steal == 0.05)
    #expect(use.busiestOther == "cc")
    #expect(use.busiestOtherShare == 0.1)
  }

  private func use(
    others: Double = 0, steal: Double = 0, generator: Double = 0, participants: Double = 0
  ) throws -> MachineUse {
    let nothing = try table(programs: 0, idle: 0, [])
    var use = MachineUse(between: nothing, and: nothing, self: 1, threads: 1)
    use.others = others
    use.steal = steal
    use.generatorThreads = generator
    use.participantThreads = participants
    return use
  }

  @Test func otherLoadAndTheLoadGeneratorItselfAreReasonsForDoubt() throws {
    #expect(Doubt.all(try use(others: 0.08, generator: 0.8)).isEmpty)
    #expect(Doubt.all(try use(others: 0.08, steal: 0.04)).count == 1)
    #expect(Doubt.all(try use(generator: 0.95)) == [.loadGenerator(0.95)])
    #expect(Doubt.all(try use(participants: 0.95)) == [.participants(0.95)])
  }

  @Test func thisMachineTellsWhatItDoes() throws {
    guard let first = MachineReading.now(), let last = MachineReading.now() else { return }
    let use = first.use(until: last, threads: 1)
    #expect((0...1).contains(use.others))
  }
}
