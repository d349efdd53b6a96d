/// One numbered change of the schema, never edited once it was released.
package struct Migration: Sendable {
  package let number: Int32
  package let name: String
  /// SQL commands, run as one transaction.
  package let sql: String

  /// All of them in order; the numbers are 1, 2, 3, …
  package static let all: [Migration] = [.tables, .views, .room, .records, .completion]
}
