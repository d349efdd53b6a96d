import GRPC
import Logging
import NIOCore

/// The pool of one event loop: its targets, and the deadlines of all its calls. Touched on its loop
/// alone.
final class LoopPool: @unchecked Sendable {
  /// Targets that nobody used for this long are forgotten.
  private static let sweepInterval: UInt64 = 60_000_000_000

  let configuration: ClientPool.Configuration
  let eventLoop: any EventLoop
  let logger: Logger
  private var targets: [String: Target] = [:]
  private var deadlines = DeadlineQueue()
  private var wake = WakeTimer()
  private var nextSweep: UInt64 = 0
  private(set) var isShutDown = false

  init(configuration: ClientPool.Configuration, eventLoop: any EventLoop, logger: Logger) {
    self.configuration = configuration
    self.eventLoop = eventLoop
    self.logger = logger
  }

  /// From any thread. Never calls back before it returns.
  func submit(_ call: ClientCall) {
    if eventLoop.inEventLoop {
      start(call)
    } else {
      eventLoop.execute { self.start(call) }
    }
  }

  private func start(_ call: ClientCall) {
    guard !call.isDone else { return }
    guard !isShutDown else {
      return reject(call, Status(.unavailable, "the client is shut down"))
    }
    guard call.request.timeout > .zero else {
      return reject(call, Status(.deadlineExceeded, "the timeout was over before the call began"))
    }
    guard Self.isLegalPath(call.request.path) else {
      // It would be the whole connection's error at the peer.
      return reject(
        call, Status(.invalidArgument, "'\(call.request.path)' is not /package.Service/Method"))
    }
    let target: Target
    do throws(AddressError) {
      target = try self.target(for: call.request.address)
    } catch {
      return reject(call, Status(.unavailable, error.description))
    }
    if call.deadline != .max {
      deadlines.insert(call, deadline: call.deadline)
      scheduleWake()
    }
    target.submit(call)
  }

  private static func isLegalPath(_ path: String) -> Bool {
    let bytes = path.utf8.span
    guard !bytes.isEmpty, bytes[0] == UInt8(ascii: "/"), bytes.count <= 1_024 else { return false }
    for index in bytes.indices where bytes[index] <= 0x20 || bytes[index] >= 0x7f { return false }
    return true
  }

  /// Ends a call that never began; later in the tick, since its caller does not expect it yet.
  func reject(_ call: ClientCall, _ status: Status) {
    eventLoop.execute { call.finish(.local(status, .notSent)) }
  }

  private func target(for address: String) throws(AddressError) -> Target {
    if let target = targets[address] { return target }
    let target = Target(address: try Address(address), pool: self)
    targets[address] = target
    return target
  }

  // MARK: from the calls

  func leftQueue(_ call: ClientCall) {
    targets[call.request.address]?.leftQueue()
  }

  func ended(_ call: ClientCall) {
    guard call.deadline != .max else { return }
    deadlines.oneIsOver()
  }

  // MARK: time

  private func scheduleWake() {
    guard let earliest = deadlines.earliest else { return }
    wake.schedule(at: earliest, on: eventLoop) { self.expire() }
  }

  private func expire() {
    wake.fired()
    let now = NIODeadline.now().uptimeNanoseconds
    while let expired = deadlines.popDue(at: now) {
      guard !expired.isOver else { continue }
      let call = unsafeDowncast(expired, to: ClientCall.self)
      if case .started(let connection, _) = call.state {
        connection.suspect(since: call.startedAt, now: now)
      }
      call.end(Status(.deadlineExceeded, "no reply within the call's timeout"))
    }
    if now >= nextSweep {
      nextSweep = now + Self.sweepInterval
      for (address, target) in targets where target.isUnused {
        target.forget()
        targets.removeValue(forKey: address)
      }
    }
    scheduleWake()
  }

  // MARK: the end

  func shutdown() async {
    let closed = eventLoop.flatSubmit {
      self.isShutDown = true
      self.wake.cancel()
      let closed = self.targets.values.flatMap { $0.shutdown() }
      self.targets = [:]
      return EventLoopFuture.andAllComplete(closed, on: self.eventLoop)
    }
    try? await closed.get()
  }
}
