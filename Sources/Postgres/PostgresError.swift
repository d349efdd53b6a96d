/// What went wrong between us and PostgreSQL: a cause to switch over, and what the server said.
package struct PostgresError: Error, Equatable, Sendable {
  /// The cause, one for each thing that a caller does differently.
  package enum Code: Equatable, Sendable {
    /// No session came to be: nothing was sent.
    case cannotConnect
    /// The session ended under a call: whether its effects happened is not known.
    case connectionLost
    /// The server did not answer within the round-trip limit and the session was closed: whether
    /// the call's effects happened is not known.
    case timedOut
    /// The server refused a statement; nothing of its transaction happened.
    case rejected
    /// A column's type or bytes are not what the caller asked for.
    case undecodable
  }

  package var code: Code
  /// The five characters of the SQL standard, where the server gave them.
  package var sqlState: String?
  /// What was expected and what came, for a log.
  package var message: String
  /// The violated constraint's name, where there is one.
  package var constraint: String?

  package init(
    _ code: Code, _ message: String, sqlState: String? = nil, constraint: String? = nil
  ) {
    self.code = code
    self.message = message
    self.sqlState = sqlState
    self.constraint = constraint
  }

  /// True where the session is gone, so that only a new one can go on.
  package var endsSession: Bool {
    switch code {
    case .cannotConnect, .connectionLost, .timedOut: true
    case .rejected, .undecodable: false
    }
  }

  /// True where two transactions got in each other's way (40P01, 40001) and a repeat may pass.
  package var isConflict: Bool {
    sqlState == "40P01" || sqlState == "40001"
  }
}

extension PostgresError: CustomStringConvertible {
  package var description: String {
    var text = "\(words): \(message)"
    if let constraint { text += " (constraint \(constraint))" }
    if let sqlState { text += " (SQLSTATE \(sqlState))" }
    return text
  }

  private var words: String {
    switch code {
    case .cannotConnect: "cannot connect to PostgreSQL"
    case .connectionLost: "the connection to PostgreSQL was lost"
    case .timedOut: "PostgreSQL did not answer in time"
    case .rejected: "PostgreSQL refused"
    case .undecodable: "PostgreSQL's answer cannot be read"
    }
  }
}
