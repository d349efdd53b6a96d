import CLibPQ
import Glibc

/// A thread of the operating system that runs one function: blocking calls belong on one, never on
/// the cooperative pool.
package final class OwnThread: Sendable {
  private let isDone = Monitor(false)

  /// Starts the thread; `name` has at most 15 bytes.
  package init(name: String, _ body: @escaping @Sendable () -> Void) {
    let isDone = isDone
    let start = Start(name: name) {
      body()
      isDone.update { $0 = true }
    }
    var attributes = pthread_attr_t()
    pthread_attr_init(&attributes)
    pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
    var thread = pthread_t()
    let failed = pthread_create(
      &thread, &attributes,
      { argument in
        guard let argument else { return nil }
        let start = Unmanaged<Start>.fromOpaque(argument).takeRetainedValue()
        caravan_name_thread(start.name)
        start.body()
        return nil
      }, Unmanaged.passRetained(start).toOpaque())
    pthread_attr_destroy(&attributes)
    precondition(failed == 0, "the system has no thread left for \(name): error \(failed)")
  }

  /// Blocks until the function has returned; not for the thread itself to call.
  package func join() {
    _ = isDone.wait { $0 ? true : nil }
  }

  /// Runs what blocks on a thread of its own, and waits for it without blocking.
  package static func run<Value: Sendable, Failure: Error>(
    name: String, _ body: @escaping @Sendable () throws(Failure) -> Value
  ) async throws(Failure) -> Value {
    let result: Result<Value, Failure> = await withCheckedContinuation { continuation in
      _ = OwnThread(name: name) { continuation.resume(returning: Result(catching: body)) }
    }
    return try result.get()
  }

  private final class Start: Sendable {
    let name: String
    let body: @Sendable () -> Void
    init(name: String, body: @escaping @Sendable () -> Void) {
      self.name = name
      self.body = body
    }
  }
}
