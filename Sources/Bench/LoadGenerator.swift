import GRPC
package import Logging
import Messages
import NIOCore
import NIOPosix
import Transport

/// Presses a coordinator with transactions and measures what comes of it.
package struct LoadGenerator: Sendable {
  /// The coordinator, as `Address` reads it.
  private let target: String
  /// Where the participants are; the branches of a transaction take turns with them.
  private let participants: [String]
  private let workload: Workload
  private let logger: Logger

  package init(target: String, participants: [String], workload: Workload, logger: Logger) {
    self.target = target
    self.participants = participants
    self.workload = workload
    self.logger = logger
  }

  /// Asks whether anybody is there; returns what stands against it.
  package func probe() async -> String? {
    let pool = ClientPool(group: MultiThreadedEventLoopGroup.singleton, logger: logger)
    let reply = await pool.call(
      ClientRequest(
        address: target, path: GRPCHealthV1.Health.check, timeout: Self.probeTimeout))
    await pool.shutdown()
    // Whatever a server says of its own, it is there.
    return reply.origin == .peer ? nil : reply.status.message
  }

  private static let probeTimeout = TimeAmount.seconds(10)

  /// Runs to the end and waits for what is under way then. `progress` hears twice a second how far
  /// it has come.
  package func run(
    _ plan: LoadPlan, progress: @escaping @Sendable (LoadProgress) -> Void = { _ in }
  ) async throws -> LoadResult {
    let group = MultiThreadedEventLoopGroup(numberOfThreads: plan.threads)
    var configuration = ClientPool.Configuration()
    configuration.limits.concurrentCallsMax = .max
    configuration.queuedCallsMax = .max
    // A pool has one connection to an address on each of its threads.
    let pools = (0..<max(1, plan.connections / plan.threads)).map { _ in
      ClientPool(configuration: configuration, group: group, logger: logger)
    }
    let run = UInt32.random(in: .min ... .max)
    let start = NIODeadline.now()
    let loops = Array(group.makeIterator()).enumerated().map { index, eventLoop in
      LoadLoop(
        eventLoop: eventLoop, pools: pools, target: target, workload: workload,
        maker: TransactionMaker(
          workload, participants: participants,
          idPrefix: "bench-\(String(run, radix: 16))-\(index)-"),
        plan: plan.share(of: index), start: start)
    }
    let reporter = Task { try await report(loops, plan, since: start, to: progress) }
    let observer = Task { await observe(plan, since: start) }
    var tally = Tally()
    for future in loops.map({ $0.begin() }) {
      tally.add(try await future.get())
    }
    reporter.cancel()
    _ = await reporter.result
    for pool in pools { await pool.shutdown() }
    try await group.shutdownGracefully()
    return LoadResult(tally, plan: plan, machine: await observer.value)
  }

  private func report(
    _ loops: [LoadLoop], _ plan: LoadPlan, since start: NIODeadline,
    to progress: @Sendable (LoadProgress) -> Void
  ) async throws {
    var (lastAt, lastEnded) = (start, 0)
    var isOver = false
    while !isOver {
      // Cancelled when all has ended: that is told, too.
      do { try await Task.sleep(for: .milliseconds(500)) } catch { isOver = true }
      var (ended, failed) = (0, 0)
      for loop in loops {
        let part = try await loop.soFar()
        ended += part.ended
        failed += part.failed
      }
      let now = NIODeadline.now()
      progress(
        LoadProgress(
          elapsed: (now - start).seconds, total: (plan.warmUp + plan.duration).seconds,
          ended: ended, failed: failed,
          perSecond: Double(ended - lastEnded) / max(1e-6, (now - lastAt).seconds)))
      (lastAt, lastEnded) = (now, ended)
    }
  }

  /// What the machine does while transactions are counted.
  private func observe(_ plan: LoadPlan, since start: NIODeadline) async -> MachineUse? {
    let countFrom = start + plan.warmUp
    try? await Task.sleep(for: .nanoseconds((countFrom - .now()).nanoseconds))
    guard let first = MachineReading.now() else { return nil }
    try? await Task.sleep(for: .nanoseconds((countFrom + plan.duration - .now()).nanoseconds))
    return MachineReading.now().map { first.use(until: $0, threads: plan.threads) }
  }
}

extension TimeAmount {
  var seconds: Double { Double(nanoseconds) / 1e9 }
}

extension LoadPlan {
  /// What falls to one of the threads.
  func share(of thread: Int) -> LoadPlan {
    var share = self
    let part = { (whole: Int) in
      whole / threads + (thread < whole % threads ? 1 : 0)
    }
    switch pace {
    case .closed(let concurrency):
      share.pace = .closed(concurrency: part(concurrency))
    case .open(let perSecond, let concurrencyMax):
      share.pace = .open(
        perSecond: perSecond / Double(threads), concurrencyMax: max(1, part(concurrencyMax)))
    }
    return share
  }
}
