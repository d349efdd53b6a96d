import Bench
import Foundation
import Synchronization

/// How far `caravan bench` is, on standard error: one line that is written over and over on a
/// terminal, a line now and then elsewhere.
final class BenchScreen: Sendable {
  private static let isOnTerminal = isatty(STDERR_FILENO) == 1 && environmentTerm != "dumb"
  private static let environmentTerm = ProcessInfo.processInfo.environment["TERM"] ?? "dumb"
  /// Where it is no terminal.
  private static let secondsBetweenLines = 30.0

  private let lastLineAt = Mutex(0.0)

  func show(_ progress: LoadProgress, _ line: String) {
    if Self.isOnTerminal {
      // A line that wraps would not be written over.
      Self.write("\r\u{1B}[K\(line.prefix(Self.columns - 1))")
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

  private static var columns: Int {
    var size = winsize()
    guard ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 1 else { return 80 }
    return Int(size.ws_col)
  }

  private static func write(_ text: String) {
    FileHandle.standardError.write(Data(text.utf8))
  }
}
