import Logging
import Mode
import NIOCore
import NIOPosix
import Synchronization
import Testing

@testable import Coordinator

/// The gates between shards on their event loops and a participant.
@Suite struct ParticipantsTests {
  @Test func twoLoopsShareTheCapAndEveryCallGetsOneEnd() async throws {
    var limits = CallAdmission.Limits.forTests
    limits.callsMax = 8
    let scene = Scene(loops: 2, limits: limits)
    let ends = await scene.send(2_000, timeout: .seconds(60))
    #expect(ends.count == 2_000)
    #expect(ends.allSatisfy { $0.result == .done })
    #expect(scene.wire.atOnceMost == 8)
    try await scene.stop()
  }

  @Test func whoWaitsTooLongIsNotSentAndSaysSo() async throws {
    var limits = CallAdmission.Limits.forTests
    limits.callsMax = 1
    let scene = Scene(loops: 1, limits: limits)
    scene.wire.holdsAll = true
    async let held = scene.send(1, timeout: .seconds(10))
    while scene.wire.calls == 0 { await Task.yield() }
    let ends = await scene.send(2, timeout: .milliseconds(100))
    #expect(ends.allSatisfy { $0.result == .notSent })
    #expect(
      ends.allSatisfy {
        $0.error == "waited for half of the time that the attempt may take: "
          + "1 calls to shop:1 are under way"
      })
    #expect(await held.map(\.error) == ["held"])
    try await scene.stop()
  }

  @Test func whoWaitedPastTheLeaseIsNotSent() async throws {
    var limits = CallAdmission.Limits.forTests
    limits.callsMax = 1
    let scene = Scene(loops: 1, limits: limits)
    scene.wire.holdsAll = true
    async let held = scene.send(1, timeout: .milliseconds(500))
    while scene.wire.calls == 0 { await Task.yield() }
    async let waiting = scene.send(1, timeout: .seconds(60))
    while !scene.isWaiting { await Task.yield() }
    scene.lease.incarnation = 2
    #expect(await held.map(\.error) == ["held"])
    let ends = await waiting
    #expect(ends.map(\.result) == [.notSent])
    #expect(ends.map(\.error) == ["this node lost its lease"])
    #expect(scene.wire.calls == 1)
    try await scene.stop()
  }

  @Test func aCircuitThatOpensEndsThoseInLineAndThoseWhoCome() async throws {
    var limits = CallAdmission.Limits.forTests
    limits.callsMax = 5
    limits.openFirst = .seconds(600)
    limits.openMax = .seconds(600)
    let scene = Scene(loops: 2, limits: limits)
    scene.wire.answer = {
      var report = CallReport(.notSent, error: "UNAVAILABLE: refused")
      report.isTransportFailure = true
      return report
    }
    let ends = await scene.send(50, timeout: .seconds(60))
    #expect(ends.count == 50)
    #expect(scene.wire.calls < 15)
    let kept = ends.filter { $0.error.hasPrefix("the circuit of shop:1 is open after 5 failures") }
    #expect(kept.count == 50 - scene.wire.calls)
    #expect(kept.allSatisfy { $0.result == .notSent })
    try await scene.stop()
  }

  @Test func addressesAreGatesOfTheirOwn() async throws {
    var limits = CallAdmission.Limits.forTests
    limits.callsMax = 1
    let scene = Scene(loops: 1, limits: limits)
    scene.wire.holdsAll = true
    async let held = scene.send(2, timeout: .milliseconds(300), to: "dead:1")
    let ends = await scene.send(1, timeout: .milliseconds(300), to: "other:1")
    #expect(ends.map(\.error) == ["held"])
    _ = await held
    try await scene.stop()
  }
}

/// Shards' loops with the real gates, and a wire in memory.
private final class Scene: Sendable {
  let wire: Wire
  let lease = Lease()
  private let gates: ParticipantGates
  private let group: MultiThreadedEventLoopGroup
  private let sides: [Participants]
  private let loops: [any EventLoop]

  init(loops count: Int, limits: CallAdmission.Limits) {
    group = MultiThreadedEventLoopGroup(numberOfThreads: count)
    let wire = Wire()
    let gates = ParticipantGates(limits: limits, logger: Logger(label: "test"))
    let loops = Array(group.makeIterator())
    let lease = lease
    self.wire = wire
    self.loops = loops
    self.gates = gates
    sides = loops.map { loop in
      let sender = WireSender(wire: wire, eventLoop: loop)
      return Participants(
        grpc: sender, http: sender, gates: gates, eventLoop: loop,
        incarnation: { lease.incarnation })
    }
  }

  /// Sends calls from all loops in turn, and waits for their ends.
  func send(_ count: Int, timeout: Span, to address: String = "shop:1") async -> [CallReport] {
    await withTaskGroup(of: CallReport.self) { tasks in
      for index in 0..<count {
        let (side, loop) = (sides[index % sides.count], loops[index % loops.count])
        tasks.addTask {
          await withCheckedContinuation { continuation in
            loop.execute {
              let isAlone = Mutex(false)
              side.send(.call(index, to: address, timeout: timeout)) { report in
                let isFirst = isAlone.withLock { ended in
                  defer { ended = true }
                  return !ended
                }
                if isFirst { continuation.resume(returning: report) }
                #expect(isFirst)
                loop.preconditionInEventLoop()
              }
            }
          }
        }
      }
      var reports: [CallReport] = []
      for await report in tasks { reports.append(report) }
      return reports
    }
  }

  /// A call stands in line.
  var isWaiting: Bool {
    gates.known(at: "shop:1")?.obstacle(isRetry: false)
      == .crowd(underWay: 1, waiting: 1, isFull: false)
  }

  func stop() async throws { try await group.shutdownGracefully() }
}

/// The incarnation under which calls may go out.
private final class Lease: Sendable {
  private let held = Mutex<Int64?>(1)

  var incarnation: Int64? {
    get { held.withLock { $0 } }
    set { held.withLock { $0 = newValue } }
  }
}

/// What is on the wire, on all loops.
private final class Wire: Sendable {
  private struct State {
    var calls = 0
    var atOnce = 0
    var atOnceMost = 0
    var holdsAll = false
    var answer: @Sendable () -> CallReport = { CallReport(.done) }
  }
  private let state = Mutex(State())

  var calls: Int { state.withLock { $0.calls } }
  var atOnceMost: Int { state.withLock { $0.atOnceMost } }
  /// Calls end only when their time is up.
  var holdsAll: Bool {
    get { state.withLock { $0.holdsAll } }
    set { state.withLock { $0.holdsAll = newValue } }
  }
  var answer: @Sendable () -> CallReport {
    get { state.withLock { $0.answer } }
    set { state.withLock { $0.answer = newValue } }
  }

  func begin() {
    state.withLock {
      $0.calls += 1
      $0.atOnce += 1
      $0.atOnceMost = max($0.atOnceMost, $0.atOnce)
    }
  }

  func end() { state.withLock { $0.atOnce -= 1 } }
}

private final class WireSender: AttemptSender {
  private let wire: Wire
  private let eventLoop: any EventLoop

  init(wire: Wire, eventLoop: any EventLoop) {
    self.wire = wire
    self.eventLoop = eventLoop
  }

  func send(_ message: AttemptMessage, completion: @escaping @Sendable (CallReport) -> Void) {
    wire.begin()
    let wire = wire
    let isHeld = wire.holdsAll
    eventLoop.scheduleTask(
      in: isHeld ? .milliseconds(message.timeout.milliseconds) : .microseconds(200)
    ) {
      wire.end()
      completion(
        isHeld
          ? CallReport(.unknown(answered: false, pushback: nil), error: "held") : wire.answer())
    }
  }
}

extension AttemptMessage {
  fileprivate static func call(
    _ index: Int, to address: String, timeout: Span
  ) -> AttemptMessage {
    AttemptMessage(
      definition: CallDefinition(
        target: .grpc(address: address, method: "/a.B/C"), payload: [], metadata: [],
        alsoDoneOn: []),
      fields: OwnFields(
        transaction: "t\(index)", branch: "b", action: "try", attempt: 1, fence: 1,
        undoes: nil, traceparent: ""),
      timeout: timeout)
  }
}
