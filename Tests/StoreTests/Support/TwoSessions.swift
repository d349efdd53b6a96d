import PostgresTesting
import Testing

@testable import Postgres
@testable import Store

/// Two sessions whose steps run in a given order; a step that has to wait for a lock of the other
/// session waits, and the order goes on without it.
final class TwoSessions {
  typealias Step = @Sendable (Connection) throws -> Void

  private struct Progress: Sendable {
    var completed = 0
    var errors: [any Error] = []
  }

  private let database: TestDatabase
  private let observer: Connection
  private let threads: [SerialThread<Result<Connection, any Error>>]
  private var processes: [Int32] = []
  private let progress = [Monitor(Progress()), Monitor(Progress())]

  private static let isWaiting = Statement(
    "is_waiting",
    "SELECT coalesce(bool_or(wait_event_type = 'Lock'), false) FROM pg_stat_activity WHERE pid = $1"
  )

  init(_ database: TestDatabase) throws {
    self.database = database
    observer = try database.connect()
    threads = (0..<2).map { number in
      SerialThread(name: "session-\(number)") {
        Result {
          let connection = try database.connect()
          try connection.run(SessionSQL.writer)
          return connection
        }
      }
    }
    for thread in threads {
      let process = Monitor<Int32?>(nil)
      thread.submit { connection in
        let number = (try? connection.get())?.backendProcess ?? 0
        process.update { $0 = number }
      }
      processes.append(process.wait { $0 } ?? 0)
    }
  }

  deinit {
    for thread in threads { thread.stop() }
  }

  /// Every order of `one` steps of the first session and `other` of the second.
  static func orders(_ one: Int, _ other: Int) -> [[Int]] {
    if one == 0 { return [Array(repeating: 1, count: other)] }
    if other == 0 { return [Array(repeating: 0, count: one)] }
    return orders(one - 1, other).map { [0] + $0 } + orders(one, other - 1).map { [1] + $0 }
  }

  /// Runs the steps and returns what each session threw.
  func run(_ steps: [[Step]], in order: [Int]) throws -> [[any Error]] {
    for progress in progress { progress.update { $0 = Progress() } }
    var issued = [0, 0]
    for session in order {
      let step = steps[session][issued[session]]
      let progress = progress[session]
      issued[session] += 1
      threads[session].submit { connection in
        let failure = Result { try step(connection.get()) }
        progress.update { progress in
          progress.completed += 1
          if case .failure(let error) = failure { progress.errors.append(error) }
        }
      }
      try settle(issued)
    }
    for session in 0..<2 {
      let done = progress[session].wait(atMost: .seconds(30)) {
        $0.completed == issued[session] ? true : nil
      }
      try #require(done == true, "session \(session) hangs in \(order)")
    }
    return progress.map { $0.read { $0.errors } }
  }

  /// Waits until each session has done its steps or waits for a lock.
  private func settle(_ issued: [Int]) throws {
    let end = ContinuousClock.now + .seconds(30)
    while ContinuousClock.now < end {
      let before = progress.map { $0.read { $0.completed } }
      var isSettled = true
      for session in 0..<2 where before[session] < issued[session] {
        let rows = try observer.execute(Self.isWaiting(Parameter(processes[session])))
        if try rows[0].value(0, as: Bool.self) == false { isSettled = false }
      }
      if isSettled, before == progress.map({ $0.read { $0.completed } }) { return }
    }
  }
}

/// A batch as the steps of a session: each statement a step of one SQL transaction.
final class SteppedBatch: Sendable {
  let batch: WriteBatch
  private let results = Monitor<[Rows]>([])
  private let rollsBack: Bool

  init(_ writes: [Write], rollsBack: Bool = false) {
    self.rollsBack = rollsBack
    batch = WriteBatch(
      writes.enumerated().map {
        QueuedWrite(write: $1, ticket: UInt64($0), shard: 0, giveUpAt: .now)
      })
  }

  /// The statements, the first with BEGIN, and the end.
  var steps: [TwoSessions.Step] {
    var steps: [TwoSessions.Step] = []
    for (number, call) in batch.calls.enumerated() {
      steps.append { connection in
        if number == 0 { try connection.run("BEGIN") }
        let rows = try connection.execute(call)
        self.results.update { $0.append(rows) }
      }
    }
    let end = rollsBack ? "ROLLBACK" : "COMMIT"
    steps.append { connection in try connection.run(end) }
    return steps
  }

  /// What the statements say; those without an answer are judged by the row as it is now.
  func answers(reading database: Connection) throws -> [String: Answer] {
    let results = results.read { $0 }
    let outcome = try batch.outcome(results)
    var answers: [String: Answer] = [:]
    for (item, answer) in outcome.answers { answers[item.write.id] = answer }
    for write in outcome.unclear.map(\.write) {
      let rows = try StoredRows(database.execute(StoredRows.call([write.id])))
      if case .answer(let answer) = WriteBatch.verdict(on: write, found: rows.byID[write.id]) {
        answers[write.id] = answer
      }
    }
    return answers
  }
}
