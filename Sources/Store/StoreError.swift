package import Postgres

/// Why the store cannot open, or a migration cannot run.
package struct StoreError: Error, Equatable, Sendable, CustomStringConvertible {
  package enum Code: Equatable, Sendable {
    /// No session, or a session that was lost.
    case database(PostgresError)
    /// The server acknowledges what a power failure takes back.
    case fsyncOff
    /// The schema is older than this program needs, or not there.
    case schemaOlder
    /// The schema was migrated by a later program.
    case schemaNewer
    /// A migration that was applied is not the one that this program has by its number.
    case schemaForeign
  }

  package var code: Code
  package var description: String

  package init(_ code: Code, _ description: String) {
    self.code = code
    self.description = description
  }

  init(_ error: PostgresError) {
    self.init(.database(error), error.description)
  }

  /// Runs what throws errors of PostgreSQL and of the store; all leave as errors of the store.
  static func mapping<Value>(_ body: () throws -> Value) throws(StoreError) -> Value {
    do {
      return try body()
    } catch let error as PostgresError {
      throw StoreError(error)
    } catch let error as StoreError {
      throw error
    } catch {
      preconditionFailure("no other error is thrown: \(error)")
    }
  }
}
