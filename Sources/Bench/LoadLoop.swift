import GRPC
import Messages
import NIOCore
import ProtoWire
import Transport

/// The load of one thread. All of its state is touched on its event loop alone.
final class LoadLoop: @unchecked Sendable {
  private let eventLoop: any EventLoop
  private let pools: [ClientPool]
  private let target: String
  private let workload: Workload
  private let maker: TransactionMaker
  private let plan: LoadPlan
  /// What ends (closed pace) or is due (open pace) between these two is counted.
  private let countFrom: NIODeadline
  private let countTo: NIODeadline

  private var tally = Tally()
  private var numbersGiven = 0
  private var underWay = 0
  private var finished: EventLoopPromise<Tally>?
  /// Open pace: when the next transaction is due, and those that are due and wait for room.
  private var schedule: Schedule?

  private struct Schedule {
    let start: NIODeadline
    let nanosecondsApart: Double
    let underWayMax: Int
    /// How many were due by now, and how many of them have begun.
    var due = 0
    var begun = 0

    func time(of number: Int) -> NIODeadline {
      start + .nanoseconds(Int64(Double(number) * nanosecondsApart))
    }
  }

  /// One transaction of the load.
  private struct Started {
    let number: Int
    /// When it should have begun.
    let due: NIODeadline
    /// The pool of its calls. A caller stays with it: what is read from one connection in one go
    /// begins transactions that are written to it in one go.
    let pool: Int
  }

  /// After a failure a caller pauses, so that a coordinator that is away is not called in a loop.
  private static let pauseAfterFailure = TimeAmount.milliseconds(10)

  init(
    eventLoop: any EventLoop, pools: [ClientPool], target: String, workload: Workload,
    maker: TransactionMaker, plan: LoadPlan, start: NIODeadline
  ) {
    self.eventLoop = eventLoop
    self.pools = pools
    self.target = target
    self.workload = workload
    self.maker = maker
    self.plan = plan
    countFrom = start + plan.warmUp
    countTo = countFrom + plan.duration
    if case .open(let perSecond, let concurrencyMax) = plan.pace {
      schedule = Schedule(
        start: start, nanosecondsApart: 1e9 / perSecond, underWayMax: concurrencyMax)
    }
  }

  /// Starts the load; the future has what was counted, once all that began has ended.
  func begin() -> EventLoopFuture<Tally> {
    let promise = eventLoop.makePromise(of: Tally.self)
    eventLoop.execute {
      self.finished = promise
      switch self.plan.pace {
      case .closed(let concurrency):
        for caller in 0..<concurrency {
          self.beginTransaction(due: .now(), pool: caller % self.pools.count)
        }
        self.finishIfDone()
      case .open:
        self.beginWhatIsDue()
      }
    }
    return promise.futureResult
  }

  func soFar() async throws -> (ended: Int, failed: Int) {
    try await eventLoop.submit { (self.tally.endedEver, self.tally.failedEver) }.get()
  }

  // MARK: pace

  private func beginWhatIsDue() {
    guard var schedule else { return }
    let now = NIODeadline.now()
    let horizon = min(now, countTo)
    while schedule.time(of: schedule.due) < horizon { schedule.due += 1 }
    while schedule.begun < schedule.due, underWay < schedule.underWayMax, now < countTo {
      beginTransaction(
        due: schedule.time(of: schedule.begun), pool: schedule.begun % pools.count)
      schedule.begun += 1
    }
    self.schedule = schedule
    if now < countTo {
      let next = max(schedule.time(of: schedule.due), now + .milliseconds(1))
      eventLoop.scheduleTask(deadline: min(next, countTo)) { self.beginWhatIsDue() }
    } else {
      giveUpWaiting(at: now)
      finishIfDone()
    }
  }

  /// Those that could not begin have waited until now at least; leaving them out would flatter.
  private func giveUpWaiting(at now: NIODeadline) {
    guard var schedule else { return }
    for number in schedule.begun..<schedule.due where schedule.time(of: number) >= countFrom {
      tally.neverBegun += 1
      tally.ends.recordTime(now - schedule.time(of: number))
    }
    schedule.begun = schedule.due
    self.schedule = schedule
  }

  private func over(_ transaction: Started, failed: Bool) {
    underWay -= 1
    guard schedule == nil else {
      beginWaiting(pool: transaction.pool)
      return finishIfDone()
    }
    guard NIODeadline.now() < countTo else { return finishIfDone() }
    guard failed else { return beginTransaction(due: .now(), pool: transaction.pool) }
    underWay += 1
    eventLoop.scheduleTask(in: Self.pauseAfterFailure) {
      self.underWay -= 1
      guard NIODeadline.now() < self.countTo else { return self.finishIfDone() }
      self.beginTransaction(due: .now(), pool: transaction.pool)
    }
  }

  /// Open pace: room for one that was due.
  private func beginWaiting(pool: Int) {
    guard let schedule, schedule.begun < schedule.due, NIODeadline.now() < countTo
    else { return }
    self.schedule?.begun += 1
    beginTransaction(due: schedule.time(of: schedule.begun), pool: pool)
  }

  private func finishIfDone() {
    guard underWay == 0, NIODeadline.now() >= countTo || isClosedAndEmpty,
      let finished
    else { return }
    if let schedule, schedule.begun < schedule.due { return }
    self.finished = nil
    finished.succeed(tally)
  }

  /// A thread to which no caller fell.
  private var isClosedAndEmpty: Bool { plan.pace == .closed(concurrency: 0) }

  // MARK: one transaction

  private func beginTransaction(due: NIODeadline, pool: Int) {
    let transaction = Started(number: numbersGiven, due: due, pool: pool)
    numbersGiven += 1
    underWay += 1
    switch workload.route {
    case .execute:
      let request = maker.executeRequest(transaction.number)
      call(CaravanV1.Coordinator.execute, request, transaction.pool) { reply in
        self.answered(transaction, reply)
      }
    case .steps:
      beginBySteps(transaction)
    }
  }

  private func beginBySteps(_ transaction: Started) {
    let (number, pool) = (transaction.number, transaction.pool)
    call(CaravanV1.Coordinator.begin, maker.beginRequest(number), pool) { reply in
      guard reply.status.code == .ok else { return self.failed(transaction, reply.status) }
      self.call(CaravanV1.Coordinator.register, self.maker.registerRequest(number), pool) { reply in
        guard reply.status.code == .ok else { return self.failed(transaction, reply.status) }
        self.call(CaravanV1.Coordinator.commit, self.maker.commitRequest(number), pool) {
          self.answered(transaction, $0)
        }
      }
    }
  }

  private func call(
    _ path: String, _ message: [UInt8], _ pool: Int,
    then: @escaping @Sendable (ClientReply) -> Void
  ) {
    let request = ClientRequest(
      address: target, path: path, message: message, timeout: plan.callTimeout)
    pools[pool].call(request, on: eventLoop, completion: then)
  }

  /// The last call of a transaction was answered.
  private func answered(_ transaction: Started, _ reply: ClientReply) {
    let status = reply.status
    // ABORTED without details is not the coordinator's word on a transaction.
    let isRolledBack = status.code == .aborted && !status.details.isEmpty
    guard status.code == .ok || isRolledBack else { return failed(transaction, status) }
    if isRolledBack, tally.rollbackText == nil { tally.rollbackText = status.message }
    guard workload.wait != .end else { return ended(transaction, isCommitted: !isRolledBack) }
    let now = NIODeadline.now()
    if isCounted(transaction, end: now) { tally.answers.recordTime(now - transaction.due) }
    watch(transaction)
  }

  /// Follows a transaction whose caller was answered before its end.
  private func watch(_ transaction: Started) {
    let last = NIOLoopBound(LastState(), eventLoop: eventLoop)
    let request = ClientRequest(
      address: target, path: CaravanV1.Coordinator.watch, timeout: plan.callTimeout)
    let stream = pools[transaction.pool].open(
      request, on: eventLoop,
      events: ClientStreamEvents(
        message: { last.value.take($0) }, writable: {},
        end: { reply in
          switch last.value.state {
          case .committed: self.ended(transaction, isCommitted: true)
          case .rolledBack: self.ended(transaction, isCommitted: false)
          default: self.failed(transaction, reply.status)
          }
        }))
    stream.send(maker.watchRequest(transaction.number))
    stream.halfClose()
  }

  private final class LastState {
    var state = CaravanV1.State.unspecified

    func take(_ message: [UInt8]) {
      if let response = try? CaravanV1.WatchResponse(wire: message) {
        state = response.transaction?.state ?? .unspecified
      }
    }
  }

  private func ended(_ transaction: Started, isCommitted: Bool) {
    tally.endedEver += 1
    let now = NIODeadline.now()
    if isCounted(transaction, end: now) {
      if isCommitted { tally.committed += 1 } else { tally.rolledBack += 1 }
      tally.ends.recordTime(now - transaction.due)
    }
    over(transaction, failed: false)
  }

  private func failed(_ transaction: Started, _ status: Status) {
    tally.failedEver += 1
    if isCounted(transaction, end: .now()) {
      // OK ends a Watch that never told the end.
      let name = status.code == .ok ? "NO_OUTCOME" : status.code.name
      tally.errors[name, default: 0] += 1
      if tally.errorTexts[name] == nil { tally.errorTexts[name] = status.message }
    }
    over(transaction, failed: true)
  }

  private func isCounted(_ transaction: Started, end: NIODeadline) -> Bool {
    let time = schedule == nil ? end : transaction.due
    return countFrom <= time && time < countTo
  }
}
