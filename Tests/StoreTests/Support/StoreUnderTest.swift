import Glibc
import Logging
import Mode
import Postgres
import PostgresTesting
import StoreTesting
import Synchronization

@testable import Store

/// The stores that answer alike.
enum StoreKind: CaseIterable, Sendable {
  case memory
  case postgres
}

/// One of the stores, empty, behind functions that wait for the answer.
final class StoreUnderTest: Sendable {
  let memory: InMemoryStore?
  let postgres: PostgresStore?
  let database: TestDatabase?
  private let collector = AnswerCollector()

  /// A PostgreSQL store on a database that stands, with the configuration that the test is about.
  init(_ database: TestDatabase, _ configuration: StoreConfiguration) throws {
    let store = PostgresStore(
      configuration: configuration, sinks: [collector], logger: .silent)
    try store.start()
    memory = nil
    postgres = store
    self.database = database
  }

  init(_ kind: StoreKind) throws {
    switch kind {
    case .memory:
      memory = InMemoryStore(now: .current, sinks: [collector])
      postgres = nil
      database = nil
    case .postgres:
      let database = try MigratedDatabase.make("conformance")
      let store = PostgresStore(
        configuration: .forTests(url: database.url), sinks: [collector], logger: .silent)
      try store.start()
      memory = nil
      postgres = store
      self.database = database
    }
  }

  deinit {
    postgres?.stop()
  }

  private var store: any TransactionStore {
    if let memory { memory } else { postgres! }
  }

  /// Submits without waiting; nil where the store takes nothing more.
  func submit(_ write: Write) -> UInt64? {
    let ticket = collector.ticket()
    return store.submit(write, ticket: ticket, shard: 0) ? ticket : nil
  }

  func answer(to ticket: UInt64) async -> Answer {
    await collector.answer(to: ticket)
  }

  func perform(_ write: Write) async -> Answer {
    await collector.answer(failed: write.failed) { ticket in
      store.submit(write, ticket: ticket, shard: 0)
    } work: {
      self.work()
    }
  }

  func perform(_ query: Query) async -> Answer {
    await collector.answer(failed: query.failed) { ticket in
      store.submit(query, ticket: ticket, shard: 0)
    } work: {
      self.work()
    }
  }

  func perform(_ query: SweepQuery) async -> SweepAnswer {
    await perform(.sweep(query)).toSweep
  }

  func perform(_ query: CompletionQuery) async -> CompletionAnswer {
    await perform(.completion(query)).toCompletion
  }

  func perform(_ query: LeaseQuery) async -> LeaseAnswer {
    await perform(.lease(query)).toLease
  }

  /// Submits all before it waits for any.
  func perform(together writes: [Write]) async -> [Answer] {
    await collector.answers(writes.map { $0.failed }) { number, ticket in
      store.submit(writes[number], ticket: ticket, shard: 0)
    } work: {
      self.work()
    }
  }

  private func work() { memory?.settle() }

  /// The row; nil where there is none.
  func row(_ id: String) async -> StoredTransaction? {
    if case .found(let row) = await perform(.get(id: id)).toGet { row } else { nil }
  }

  func join(lease: Span = .seconds(600)) async throws -> Int64 {
    let answer = await perform(.join(node: "node", address: "127.0.0.1:1", lease: lease))
    guard case .held(let incarnation, _) = answer else {
      throw UnexpectedAnswer(answer: .lease(answer))
    }
    return incarnation
  }

  func page(_ query: SweepQuery) async throws -> [StoredTransaction] {
    let answer = await perform(query)
    guard case .page(let page) = answer else { throw UnexpectedAnswer(answer: .sweep(answer)) }
    return page.map(\.row)
  }

  func list(_ filter: ListFilter) async throws -> [StoredTransaction] {
    let answer = await perform(.list(filter))
    guard case .list(.page(let page)) = answer else { throw UnexpectedAnswer(answer: answer) }
    return page
  }
}

struct UnexpectedAnswer: Error {
  var answer: Answer
}

/// Hands each answer to whoever waits for its ticket.
final class AnswerCollector: AnswerSink {
  private struct State {
    var lastTicket: UInt64 = 0
    var waiting: [UInt64: CheckedContinuation<Answer, Never>] = [:]
    var early: [UInt64: Answer] = [:]
  }

  private let state = Mutex(State())

  func completed(_ answers: [(ticket: UInt64, answer: Answer)]) {
    for (ticket, answer) in answers {
      let waiting = state.withLock { state -> CheckedContinuation<Answer, Never>? in
        if let waiting = state.waiting.removeValue(forKey: ticket) { return waiting }
        state.early[ticket] = answer
        return nil
      }
      waiting?.resume(returning: answer)
    }
  }

  func ticket() -> UInt64 {
    state.withLock { state in
      state.lastTicket += 1
      return state.lastTicket
    }
  }

  func answer(to ticket: UInt64) async -> Answer {
    await withCheckedContinuation { continuation in
      let early = state.withLock { state -> Answer? in
        if let early = state.early.removeValue(forKey: ticket) { return early }
        state.waiting[ticket] = continuation
        return nil
      }
      if let early { continuation.resume(returning: early) }
    }
  }

  func answer(
    failed: @escaping (String) -> Answer, _ submit: (UInt64) -> Bool, work: () -> Void
  ) async -> Answer {
    await answers([failed], { _, ticket in submit(ticket) }, work: work)[0]
  }

  /// - Parameter failed: by number, the answer to what is not taken
  func answers(
    _ failed: [(String) -> Answer], _ submit: (Int, UInt64) -> Bool, work: () -> Void
  ) async -> [Answer] {
    let tickets = failed.map { _ in ticket() }
    let isTaken = tickets.enumerated().map { submit($0, $1) }
    work()
    var answers: [Answer] = []
    for (number, ticket) in tickets.enumerated() {
      answers.append(isTaken[number] ? await answer(to: ticket) : failed[number]("not taken"))
    }
    return answers
  }
}

/// Databases with the schema, copied from one that was migrated once.
enum MigratedDatabase {
  private static let template = Result { () throws -> TestDatabase in
    let database = try TestDatabase("template")
    try Migrator.migrate(ConnectionTarget(url: database.url))
    return database
  }

  static func make(_ name: String) throws -> TestDatabase {
    try TestDatabase(name, template: template.get())
  }
}

extension Logger {
  /// Tests read what happened from answers, not from a log.
  static var silent: Logger {
    Logger(label: "store") { _ in SwiftLogNoOpLogHandler() }
  }
}

extension Instant {
  static var current: Instant {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Instant(milliseconds: Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000)
  }
}
