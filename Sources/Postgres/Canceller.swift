/// Cancels what a session runs, from any thread but the session's own.
package struct Canceller: Sendable {
  private let session: Session

  init(session: Session) {
    self.session = session
  }

  /// Asks the server to cancel, blocking for the time of a connection. The statement, if one was
  /// still running, fails with 57014.
  package func cancel() throws(PostgresError) {
    try session.cancel()
  }
}
