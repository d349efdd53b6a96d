import Dispatch
import Foundation
import Glibc
import Synchronization
import Testing

@testable import Coordinator

@Suite struct DirectoryLockTests {
  private func withDirectory(_ body: (String) throws -> Void) throws {
    let directory = FileManager.default.temporaryDirectory
      .appending(path: "caravan-lock-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: directory) }
    try body(directory)
  }

  /// A program that is being started has a copy of every descriptor until it closes them.
  @Test func aLockIsLetGoThoughACopyOfItsDescriptorIsStillOpen() throws {
    try withDirectory { directory in
      var copy = Int32(-1)
      do {
        let lock = try DirectoryLock(directory: directory)
        let held = try #require(
          (0..<Int32(4_096)).first { descriptor in
            let target = try? FileManager.default.destinationOfSymbolicLink(
              atPath: "/proc/self/fd/\(descriptor)")
            return target == directory + "/lock"
          })
        copy = dup(held)
        withExtendedLifetime(lock) {}
      }
      defer { close(copy) }
      _ = try DirectoryLock(directory: directory)
    }
  }

  /// A descriptor that is closed twice is somebody else's the second time.
  @Test func aLockThatIsRefusedClosesNobodysDescriptor() throws {
    try withDirectory(refuseMany)
  }

  private func refuseMany(_ directory: String) throws {
    let lock = try DirectoryLock(directory: directory)
    let isOver = Atomic(false)
    let isDone = DispatchSemaphore(value: 0)
    let lost = Atomic(0)
    let opener = Thread {
      while !isOver.load(ordering: .relaxed) {
        let descriptors = (0..<16).map { _ in open("/dev/null", O_RDONLY | O_CLOEXEC) }
        for descriptor in descriptors where close(descriptor) != 0 {
          lost.add(1, ordering: .relaxed)
        }
      }
      isDone.signal()
    }
    opener.start()
    for _ in 0..<2_000 {
      #expect(throws: PrivatePostgresError.self) { try DirectoryLock(directory: directory) }
    }
    isOver.store(true, ordering: .relaxed)
    #expect(isDone.wait(timeout: .now() + .seconds(20)) == .success)
    #expect(lost.load(ordering: .relaxed) == 0)
    withExtendedLifetime(lock) {}
  }
}
