import Foundation
import Glibc

/// Keeps a second `caravan dev` away from a directory. The system lets go of the lock when the
/// process ends, however it ends.
final class DirectoryLock: Sendable {
  private let descriptor: Int32

  init(directory: String) throws(PrivatePostgresError) {
    let path = directory + "/lock"
    descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else {
      throw .directory(directory, reason: String(cString: strerror(errno)))
    }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      let holder = FileManager.default.contents(atPath: path).map {
        String(decoding: $0, as: UTF8.self)
      }
      // The descriptor is closed by deinit, which runs because every property has its value.
      throw .inUse(
        directory: directory,
        by: holder.map { $0.trimmingCharacters(in: .whitespacesAndNewlines) } ?? "unknown")
    }
    let line = Array("\(getpid())\n".utf8)
    _ = ftruncate(descriptor, 0)
    _ = pwrite(descriptor, line, line.count, 0)
  }

  deinit {
    // A program that is being started has a copy of the descriptor, which closing this one alone
    // would leave holding the lock until it runs.
    _ = flock(descriptor, LOCK_UN)
    close(descriptor)
  }
}
