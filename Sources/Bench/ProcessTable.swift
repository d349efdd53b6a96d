#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// What Linux tells in /proc of the machine and of every process, at one moment.
struct ProcessTable: Sendable {
  /// Processor time of the whole machine since it started, in clock ticks.
  struct Machine: Sendable, Equatable {
    /// In programs, also in the kernel for them.
    var programs: UInt64
    /// In interrupts.
    var interrupts: UInt64
    var idle: UInt64
    /// Wanted, and given to other machines on the same hardware.
    var steal: UInt64

    var all: UInt64 { programs + interrupts + idle + steal }

    /// Reads the first line of /proc/stat (proc_stat(5)); nil where it is none.
    init?(stat: String) {
      guard let line = stat.split(separator: "\n").first, line.hasPrefix("cpu ") else { return nil }
      let fields = line.split(separator: " ").dropFirst().map { UInt64($0) ?? 0 }
      guard fields.count >= 8 else { return nil }
      programs = fields[0] + fields[1] + fields[2]
      idle = fields[3] + fields[4]
      interrupts = fields[5] + fields[6]
      steal = fields[7]
    }
  }

  struct Process: Sendable, Equatable {
    var name: String
    var parent: Int
    /// Processor time of all its threads, in clock ticks.
    var ticks: UInt64
    /// When it started: tells it from an earlier one of the same number.
    var started: UInt64
    /// The command line, where the name alone does not tell what it is.
    var arguments: [String] = []

    /// Reads /proc/PID/stat (proc_pid_stat(5)); nil where it is none.
    init?(stat: String) {
      // The name stands in parentheses and may contain any.
      guard let open = stat.firstIndex(of: "("), let close = stat.lastIndex(of: ")"), open < close
      else { return nil }
      name = String(stat[stat.index(after: open)..<close])
      let fields = stat[stat.index(after: close)...].split(whereSeparator: \.isWhitespace)
      guard fields.count > 19, let parent = Int(fields[1]), let user = UInt64(fields[11]),
        let system = UInt64(fields[12]), let started = UInt64(fields[19])
      else { return nil }
      self.parent = parent
      ticks = user + system
      self.started = started
    }
  }

  var machine: Machine
  var processes: [Int: Process]

  /// Nil where there is no /proc to read.
  static func now() -> ProcessTable? {
    guard let text = text(of: "/proc/stat"), let machine = Machine(stat: text) else { return nil }
    // This program may go by another name than its own.
    let own = Self.text(of: "/proc/self/stat").flatMap { Process(stat: $0)?.name }
    var processes: [Int: Process] = [:]
    for pid in pids() {
      guard let text = Self.text(of: "/proc/\(pid)/stat"), var process = Process(stat: text) else {
        continue
      }
      if process.name == "caravan" || process.name == own {
        let line = Self.text(of: "/proc/\(pid)/cmdline") ?? ""
        process.arguments = line.split(separator: "\0").map(String.init)
      }
      processes[pid] = process
    }
    return ProcessTable(machine: machine, processes: processes)
  }

  /// Of the machine, over the last minute.
  static func loadAverage() -> Double? {
    text(of: "/proc/loadavg")?.split(separator: " ").first.flatMap { Double($0) }
  }

  private static func pids() -> [Int] {
    guard let directory = opendir("/proc") else { return [] }
    defer { closedir(directory) }
    var pids: [Int] = []
    while let entry = readdir(directory) {
      let name = withUnsafeBytes(of: &entry.pointee.d_name) {
        String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
      }
      if let pid = Int(name) { pids.append(pid) }
    }
    return pids
  }

  private static func text(of path: String) -> String? {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return nil }
    defer { close(file) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 4_096)
    while true {
      let count = read(file, &chunk, chunk.count)
      guard count > 0 else { break }
      bytes += chunk.prefix(count)
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
