import Mode
import Store

/// Tells those who asked for it how transactions ended, at least once.
///
/// What is owed stands in the store. The teller takes what is due, for a time in which nobody else
/// takes it, makes the calls, and writes down what they came to; whatever is lost on the way, by a
/// crash or a database that is away, is due again. Synchronous like the shards and the keeper; its
/// environment is its clock and the way to those who are told.
final class CompletionTeller: @unchecked Sendable {
  struct Settings: Sendable {
    /// How often the store is asked where nothing says that something is due.
    var pollEvery: Span = .seconds(1)
    /// Calls under way.
    var callsMax = 64
    /// Calls under way to one address: who answers slowly holds up nobody else.
    var callsPerAddressMax = 16
    /// How long what finds its address busy waits for another turn: longer, the more waits there.
    var turnEvery: Span = .seconds(1)
    var turnMax: Span = .seconds(30)
    /// How long what was taken is nobody else's: longer than the longest attempt.
    var takenFor: Span = .seconds(90)

    init() {}
  }

  /// An address that has calls under way.
  private struct Receiver {
    var callsUnderWay = 0
    /// Those sent away since it was last idle.
    var postponed = 0
  }

  /// One attempt of telling an end.
  struct Call: Sendable {
    var message: AttemptMessage
    var backoff: RetryPolicy.Backoff
  }

  private let settings: Settings
  private let queries: PendingQueries
  private let environment: any CompletionEnvironment
  /// The call that a row asks for; nil where it cannot be read.
  private let call: (StoredTransaction) -> Call?
  private var callsUnderWay = 0
  private var receivers: [String: Receiver] = [:]
  private var isClaiming = false
  private var claimAt = Instant(milliseconds: 0)
  /// What could not be written down yet, and until when it makes sense to.
  private var unsettled: [(report: CompletionReport, until: Instant)] = []
  private var isStopped = false

  /// - Parameter sink: the index of the teller's own sink
  init(
    settings: Settings, store: any TransactionStore, sink: Int,
    environment: any CompletionEnvironment, call: @escaping (StoredTransaction) -> Call?
  ) {
    self.settings = settings
    queries = PendingQueries(store: store, sink: sink)
    self.environment = environment
    self.call = call
  }

  /// Takes what the store has answered.
  func completed(_ batch: [(ticket: UInt64, answer: Answer)]) {
    queries.completed(batch)
    wake()
  }

  /// Something is due, as far as this node knows.
  func nudge() {
    claimAt = min(claimAt, environment.now)
    wake()
  }

  /// Takes nothing more.
  func stop() { isStopped = true }

  /// Does what is due, and asks to be woken for what comes next.
  func wake() {
    guard !isStopped else { return }
    let now = environment.now
    let again = unsettled.filter { now < $0.until }
    unsettled = []
    for (report, until) in again { settle(report, until: until) }
    let room = settings.callsMax - callsUnderWay
    if !isClaiming, room > 0, claimAt <= now {
      if environment.mayCall {
        claim(room, at: now)
      } else {
        claimAt = now + settings.pollEvery
      }
    }
    // While calls fill the room, or a claim is under way, their ends wake it.
    environment.wakeTeller(
      at: max(claimAt, now + .milliseconds(isClaiming || room <= 0 ? 1_000 : 1)))
  }

  private func claim(_ room: Int, at now: Instant) {
    isClaiming = true
    let until = now + settings.takenFor
    queries.submit(.claim(now: now, until: until, limit: room)) { [self] answer in
      isClaiming = false
      claimAt = environment.now + settings.pollEvery
      guard case .claimed(let rows) = answer else { return }
      // A full page: there is more.
      if rows.count >= room { claimAt = environment.now }
      for row in rows { tell(row, until: until) }
    }
  }

  private func tell(_ row: StoredTransaction, until: Instant) {
    guard let attempt = row.completion?.attempts, let call = call(row) else {
      return environment.unreadable(row)
    }
    let address = call.message.definition.target.participantAddress
    var receiver = receivers[address, default: Receiver()]
    if receiver.callsUnderWay >= settings.callsPerAddressMax {
      receiver.postponed += 1
      receivers[address] = receiver
      return postpone(row, attempt, behind: receiver.postponed, until: until)
    }
    receiver.callsUnderWay += 1
    receivers[address] = receiver
    callsUnderWay += 1
    environment.send(call.message) { [self] report in
      ended(address)
      let now = environment.now
      var pushback: Span?
      if case .unknown(_, let asked) = report.result { pushback = asked }
      let delay = call.backoff.delay(
        after: attempt, pushback: pushback, noise: environment.noise())
      let outcome: CompletionReport.Outcome
      if report.result == .done {
        outcome = .taken(at: now)
      } else {
        outcome = .failed(report.error, again: now + delay)
        claimAt = min(claimAt, now + delay)
        environment.failed(row, report.error, attempt: attempt)
      }
      settle(CompletionReport(id: row.id, attempt: attempt, outcome: outcome), until: until)
      wake()
    }
  }

  private func ended(_ address: String) {
    callsUnderWay -= 1
    receivers[address]?.callsUnderWay -= 1
    if receivers[address]?.callsUnderWay == 0 { receivers[address] = nil }
  }

  private func postpone(
    _ row: StoredTransaction, _ attempt: UInt32, behind: Int, until: Instant
  ) {
    let turns = Int64(1 + behind / settings.callsPerAddressMax)
    let wait = min(settings.turnMax.milliseconds, settings.turnEvery.milliseconds * turns)
    let due = environment.now + .milliseconds(wait)
    claimAt = min(claimAt, due)
    settle(
      CompletionReport(id: row.id, attempt: attempt, outcome: .postponed(to: due)), until: until)
  }

  private func settle(_ report: CompletionReport, until: Instant) {
    queries.submit(.settle(report)) { [self] answer in
      // Past that it is told again anyway.
      if case .failed = answer { unsettled.append((report, until)) }
    }
  }
}

/// The teller's clock, and its way to those who are told.
protocol CompletionEnvironment: AnyObject {
  /// The database's time, as well as this node knows it.
  var now: Instant { get }
  /// This node holds its lease.
  var mayCall: Bool { get }
  /// Bits that differ from event to event and from node to node.
  func noise() -> UInt64
  /// Asks for `teller.wake()` then, instead of at the time asked for before.
  func wakeTeller(at: Instant)
  /// Makes one attempt; `done` is called once, on the teller's thread, never before this returns.
  func send(_ message: AttemptMessage, done: @escaping @Sendable (CallReport) -> Void)
  /// An attempt failed.
  func failed(_ row: StoredTransaction, _ error: String, attempt: UInt32)
  /// This version cannot read who is to be told; the row is left until it is due again.
  func unreadable(_ row: StoredTransaction)
}
