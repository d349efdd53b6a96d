import Glibc

/// A place that takes whole lines: each is one write, so that lines of several threads do not mix.
final class FileDescriptorOutput: Sendable {
  static let standardError = FileDescriptorOutput(descriptor: STDERR_FILENO)

  private let descriptor: Int32

  init(descriptor: Int32) { self.descriptor = descriptor }

  /// What cannot be written is lost: a log that fails is no reason to stop serving.
  func write(_ line: String) {
    var line = line
    line.withUTF8 { bytes in
      var rest = bytes[...]
      while !rest.isEmpty {
        let slice = UnsafeBufferPointer(rebasing: rest)
        let written = Glibc.write(descriptor, slice.baseAddress, slice.count)
        if written < 0 && errno == EINTR { continue }
        guard written > 0 else { return }
        rest = rest.dropFirst(written)
      }
    }
  }
}
