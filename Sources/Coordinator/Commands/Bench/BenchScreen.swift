import Bench
import Foundation
import Synchronization

/// How far `caravan bench` is, on standard error: one line that is written over and over on a
/// terminal, a line now and then elsewhere.
final class BenchScreen: Sendable {
  private static let isOnTerminal =
    Terminal.columns(of: STDERR_FILENO) != nil && environmentTerm != "dumb"
  private static let environmentTerm = ProcessInfo.processInfo.environment["TERM"] ?? "dumb"
  /// Where it is no terminal.
  private static let secondsBetweenLines = 30.0

  private let lastLineAt = Mutex(0.0)

  func show(_ progress: LoadProgress, _ line: String) {
    if Self.isOnTerminal {
      // A line that wraps would not be written over.
      let columns = Terminal.columns(of: STDERR_FILENO) ?? line.count + 1
      Self.write("\r\u{1B}[K\(line.prefix(columns - 1))")
      return
    }
    let isTime = lastLineAt.withLock { last in
      if progress.elapsed < last { last = 0 }
      guard progress.elapsed - last >= Self.secondsBetweenLines else { return false }
      last = progress.elapsed
      return true
    }
    if isTime { Self.write(line + "\n") }
  }

  /// Makes room for what is there to stay.
  func clear() {
    if Self.isOnTerminal { Self.write("\r\u{1B}[K") }
  }

  private static func write(_ text: String) {
    FileHandle.standardError.write(Data(text.utf8))
  }
}
