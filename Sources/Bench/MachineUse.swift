import NIOCore

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Who had the machine's processors while a run was counted. Shares are of all of them together.
package struct MachineUse: Sendable, Codable, Equatable {
  /// Everything but idle.
  package var busy: Double
  package var loadGenerator: Double
  package var participants: Double
  /// Every `caravan serve` and `caravan dev` here.
  package var coordinator: Double
  /// Every process of that name here.
  package var postgres: Double
  /// Programs that are none of these.
  package var others: Double
  /// What the hypervisor gave to other machines instead.
  package var steal: Double
  /// The most demanding of the others that is still there, and its share.
  package var busiestOther: String?
  package var busiestOtherShare: Double
  /// The share of their time that the load generator's threads used, and its participants'.
  package var generatorThreads: Double
  package var participantThreads: Double
  /// How often a thread of the load generator was switched out for somebody else, a second.
  package var involuntarySwitches: Double
  /// Of the machine, over the last minute of the run.
  package var loadAverage: Double
}

/// A reading at the beginning of what is counted, to be compared with one at its end.
struct MachineReading {
  private let table: ProcessTable
  private let switches: Int
  private let at: NIODeadline

  /// Nil where there is no /proc to read.
  static func now() -> MachineReading? {
    ProcessTable.now().map { MachineReading(table: $0) }
  }

  private init(table: ProcessTable) {
    self.table = table
    at = .now()
    var usage = rusage()
    // Of this process, all its threads: RUSAGE_SELF is 0 and an enum on some platforms.
    getrusage(__rusage_who_t(0), &usage)
    switches = Int(usage.ru_nivcsw)
  }

  /// What became of the processors since; `threads` make the calls, and as many answer them.
  func use(until later: MachineReading, threads: Int) -> MachineUse {
    let seconds = Double((later.at - at).nanoseconds) / 1e9
    var use = MachineUse(
      between: table, and: later.table, self: Int(getpid()), threads: threads)
    use.involuntarySwitches = seconds > 0 ? Double(later.switches - switches) / seconds : 0
    use.loadAverage = ProcessTable.loadAverage() ?? 0
    return use
  }
}

extension MachineUse {
  init(between first: ProcessTable, and last: ProcessTable, self own: Int, threads: Int) {
    var ticks: [Owner: UInt64] = [:]
    var busiest: (name: String, ticks: UInt64)?
    for (pid, process) in last.processes {
      let before = first.processes[pid].map { $0.started == process.started ? $0.ticks : 0 } ?? 0
      let spent = process.ticks - min(before, process.ticks)
      let owner = Owner(of: process, pid, self: own)
      ticks[owner, default: 0] += spent
      if owner == .other, spent > busiest?.ticks ?? 0 { busiest = (process.name, spent) }
    }
    let whole = max(1, Double(last.machine.all - min(first.machine.all, last.machine.all)))
    let share = { (ticks: UInt64) in Double(ticks) / whole }
    let spent = { (part: (ProcessTable.Machine) -> UInt64) in
      let (before, after) = (part(first.machine), part(last.machine))
      return after - min(before, after)
    }
    busy = share(spent { $0.programs + $0.interrupts + $0.steal })
    loadGenerator = share(ticks[.loadGenerator] ?? 0)
    participants = share(ticks[.participants] ?? 0)
    coordinator = share(ticks[.coordinator] ?? 0)
    postgres = share(ticks[.postgres] ?? 0)
    // Not the sum of those that are there: a compiler's processes come and go.
    let known = ticks.filter { $0.key != .other }.values.reduce(0, +)
    let programs = spent(\.programs)
    others = share(programs - min(known, programs))
    steal = share(spent(\.steal))
    busiestOther = busiest?.name
    busiestOtherShare = share(busiest?.ticks ?? 0)
    let processors = Double(Self.processors)
    generatorThreads = loadGenerator * processors / Double(threads)
    participantThreads = participants * processors / Double(threads)
    involuntarySwitches = 0
    loadAverage = 0
  }

  private static var processors: Int { max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))) }

  /// Whom a process belongs to.
  private enum Owner {
    case loadGenerator, participants, coordinator, postgres, kernel, other

    init(of process: ProcessTable.Process, _ pid: Int, self own: Int) {
      if pid == own {
        self = .loadGenerator
      } else if process.parent == own || process.arguments.contains("participants") {
        self = .participants
      } else if process.arguments.contains("serve") || process.arguments.contains("dev") {
        self = .coordinator
      } else if process.name == "postgres" {
        self = .postgres
      } else if process.parent == 2 || pid == 2 {
        // The kernel's threads work for those above: writing, networking.
        self = .kernel
      } else {
        self = .other
      }
    }
  }
}
