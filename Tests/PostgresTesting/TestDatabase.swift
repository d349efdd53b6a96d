import Glibc
package import Postgres

/// A database of a suite's own in the server that `Tests/with-postgres` started.
package struct TestDatabase: Sendable {
  /// The tests ran without the server they need.
  package struct NoServer: Error, CustomStringConvertible {
    package let description =
      "CARAVAN_TEST_DATABASE_URL is not set: run the tests by Tests/with-postgres COMMAND..."
  }

  package let name: String
  /// The libpq URI of the database.
  package let url: String

  /// Makes a database, empty or a copy; `name` only helps whoever reads the server's list of them.
  package init(_ name: String, template: TestDatabase? = nil) throws {
    guard let server = getenv("CARAVAN_TEST_DATABASE_URL").map({ String(cString: $0) }),
      !server.isEmpty
    else { throw NoServer() }
    self.name = "test_\(name)_\(UInt64.random(in: 0...UInt64.max))"
    url = Self.url(server, naming: self.name)
    let connection = try Connection(ConnectionTarget(url: server, roundTripLimit: nil))
    defer { connection.close() }
    try connection.run(
      "CREATE DATABASE \(self.name)" + (template.map { " TEMPLATE \($0.name)" } ?? ""))
  }

  /// A new session with the database.
  package func connect(roundTripLimit: Duration? = .seconds(30)) throws -> Connection {
    try Connection(ConnectionTarget(url: url, roundTripLimit: roundTripLimit))
  }

  /// The same URI with a unix socket directory of another server, such as a proxy's.
  package func url(throughDirectory directory: String) -> String {
    "postgresql://postgres@/\(name)?host=\(directory)&port=5432"
  }

  /// Where the server's own socket stands.
  package var serverSocketPath: String {
    let query = url.split(separator: "?").last ?? ""
    let host = query.split(separator: "&").first { $0.hasPrefix("host=") } ?? ""
    return "\(host.dropFirst("host=".count))/.s.PGSQL.5432"
  }

  private static func url(_ server: String, naming database: String) -> String {
    let parts = server.split(separator: "?", maxSplits: 1)
    let slash = parts[0].lastIndex(of: "/") ?? parts[0].endIndex
    return "\(parts[0][..<slash])/\(database)" + (parts.count > 1 ? "?\(parts[1])" : "")
  }
}
