/// A named SQL statement; each session prepares it once, the first time it is used there.
package struct Statement: Hashable, Sendable {
  /// Unique among all statements: a session knows the prepared statement by it.
  package let name: String
  /// One SQL command with `$1`, `$2`, … for its parameters.
  package let sql: String

  package init(_ name: String, _ sql: String) {
    self.name = name
    self.sql = sql
  }

  package static func == (one: Statement, other: Statement) -> Bool { one.name == other.name }
  package func hash(into hasher: inout Hasher) { hasher.combine(name) }

  /// The statement with its arguments: one step of a pipeline.
  package func callAsFunction(_ arguments: Parameter...) -> StatementCall {
    StatementCall(statement: self, arguments: arguments)
  }
}

/// A statement and its arguments.
package struct StatementCall: Sendable {
  package let statement: Statement
  package let arguments: [Parameter]

  package init(statement: Statement, arguments: [Parameter]) {
    self.statement = statement
    self.arguments = arguments
  }
}
