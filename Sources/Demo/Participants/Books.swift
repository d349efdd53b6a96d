import Postgres

/// A participant's connection to its database, on a thread of its own.
final class Books: Sendable {
  private struct State {
    let target: ConnectionTarget
    var connection: Connection?

    /// The open connection, or a new one where it was lost.
    mutating func open() throws(PostgresError) -> Connection {
      if let connection, connection.isOpen { return connection }
      let fresh = try Connection(target)
      connection = fresh
      return fresh
    }
  }

  private let thread: SerialThread<State>

  init(database: String, name: String) {
    let target = ConnectionTarget(
      url: database, applicationName: "demo \(name)", connectSeconds: 3,
      roundTripLimit: .seconds(5))
    thread = SerialThread(name: "demo-\(name)") { State(target: target) }
  }

  /// Runs `body` on the books' thread, then `completion` with what it came to.
  func use<Value: Sendable>(
    _ body: @escaping @Sendable (Connection) throws -> Value,
    then completion: @escaping @Sendable (Result<Value, any Error>) -> Void
  ) {
    let isOpen = thread.submit { state in
      completion(Result { try body(try state.open()) })
    }
    if !isOpen {
      completion(
        .failure(PostgresError(.connectionLost, "the books are closed")))
    }
  }

  /// The same for those who wait.
  func use<Value: Sendable>(
    _ body: @escaping @Sendable (Connection) throws -> Value
  ) async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
      use(body) { continuation.resume(with: $0) }
    }
  }

  func close() async {
    thread.submit { state in
      state.connection?.close()
      state.connection = nil
    }
    thread.stop()
  }
}
