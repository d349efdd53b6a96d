import GRPC
package import Logging
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

  /// Runs to the end and waits for what is under way then. `progress` hears once a second how many
  /// transactions have ended so far.
  package func run(
    _ plan: LoadPlan, progress: @escaping @Sendable (Int) -> Void = { _ in }
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
    let reporter = Task {
      while !Task.isCancelled {
        try await Task.sleep(for: .seconds(1))
        var ended = 0
        for loop in loops { ended += try await loop.endedSoFar() }
        progress(ended)
      }
    }
    var tally = Tally()
    for future in loops.map({ $0.begin() }) {
      tally.add(try await future.get())
    }
    reporter.cancel()
    _ = await reporter.result
    for pool in pools { await pool.shutdown() }
    try await group.shutdownGracefully()
    return LoadResult(tally, plan: plan)
  }
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
