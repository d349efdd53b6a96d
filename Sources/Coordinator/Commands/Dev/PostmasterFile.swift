import Foundation
import Glibc

/// What a running server says of itself in `postmaster.pid`, line by line.
struct PostmasterFile: Sendable, Equatable {
  let process: pid_t
  let port: Int
  let socketDirectory: String
  /// `starting`, `stopping`, `ready` or `standby`; empty very early.
  let status: String

  init?(contents: String) {
    let lines = contents.split(separator: "\n", omittingEmptySubsequences: false)
    guard lines.count >= 5, let process = pid_t(lines[0]), process > 1, let port = Int(lines[3])
    else { return nil }
    self.process = process
    self.port = port
    socketDirectory = String(lines[4])
    status = lines.count > 7 ? lines[7].split(separator: " ").first.map(String.init) ?? "" : ""
  }

  /// Reads the file of the server over this data directory; nil where there is none.
  static func read(data: String) -> PostmasterFile? {
    guard let bytes = FileManager.default.contents(atPath: data + "/postmaster.pid") else {
      return nil
    }
    return PostmasterFile(contents: String(decoding: bytes, as: UTF8.self))
  }

  /// Who bears the number that the file names.
  enum Holder { case nobody, server, stranger }

  /// A process number is given anew after its process has ended: only a process that works in the
  /// data directory is the server, for PostgreSQL changes into it.
  func holder(data: String) -> Holder {
    guard kill(process, 0) == 0 || errno == EPERM else { return .nobody }
    var buffer = [UInt8](repeating: 0, count: Int(PATH_MAX))
    let length = readlink("/proc/\(process)/cwd", &buffer, buffer.count)
    guard length > 0 else { return .stranger }
    let directory = String(decoding: buffer[..<length], as: UTF8.self)
    let real = URL(fileURLWithPath: data).resolvingSymlinksInPath().path
    return directory == real ? .server : .stranger
  }
}
