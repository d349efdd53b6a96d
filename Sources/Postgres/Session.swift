import CLibPQ
import Glibc

/// The one owner of libpq's pointers: a session, blocking, each wait bounded.
///
/// It belongs to one thread at a time.
final class Session {
  /// What the server answered to one step of a pipeline.
  enum StepResult {
    case rows(Rows)
    case refused(PostgresError)
    /// Not run, because an earlier step of the pipeline failed.
    case skipped
    /// The end of a pipeline: what was not refused is committed.
    case synced
  }

  private let connection: OpaquePointer
  private let roundTripLimit: Duration?
  private var isClosed = false

  /// Connects, blocking for at most the target's `connectSeconds` per address.
  init(_ target: ConnectionTarget) throws(PostgresError) {
    let keywords = target.keywords
    let names = keywords.map { strdup($0.0) }
    let values = keywords.map { strdup($0.1) }
    defer { for pointer in names + values { free(pointer) } }
    let connected = PQconnectdbParams(
      names.map { UnsafePointer($0) } + [nil], values.map { UnsafePointer($0) } + [nil], 1)
    guard let connected else {
      throw PostgresError(.cannotConnect, "libpq had no memory for a connection")
    }
    guard PQstatus(connected) == CONNECTION_OK else {
      let message = Self.line(PQerrorMessage(connected))
      PQfinish(connected)
      throw PostgresError(.cannotConnect, message)
    }
    connection = connected
    roundTripLimit = target.roundTripLimit
    caravan_silence(connected)
    // Every wait is ours, so that it ends at the limit, and so that a pipeline larger than the
    // socket's buffers cannot lock both ends in writing.
    PQsetnonblocking(connected, 1)
  }

  deinit {
    close()
    PQfinish(connection)
  }

  /// Ends the session; the server rolls back what was not committed.
  func close() {
    isClosed = true
    let descriptor = PQsocket(connection)
    if descriptor >= 0 { shutdown(descriptor, Int32(SHUT_RDWR)) }
  }

  var isOpen: Bool {
    !isClosed && PQstatus(connection) == CONNECTION_OK
  }

  var serverVersion: Int { Int(PQserverVersion(connection)) }
  var backendProcess: Int32 { PQbackendPID(connection) }

  // MARK: Sending

  func enterPipeline() throws(PostgresError) {
    try queued(PQenterPipelineMode(connection))
  }

  func exitPipeline() throws(PostgresError) {
    try queued(PQexitPipelineMode(connection))
  }

  func sendSync() throws(PostgresError) {
    try queued(PQpipelineSync(connection))
  }

  /// Queues commands of the simple protocol.
  func sendScript(_ sql: String) throws(PostgresError) {
    try queued(PQsendQuery(connection, sql))
  }

  func sendPrepare(_ statement: Statement, types: [TypeID]) throws(PostgresError) {
    let numbers = types.map { Oid($0.rawValue) }
    try queued(
      PQsendPrepare(
        connection, statement.name, statement.sql, Int32(numbers.count), numbers))
  }

  func sendExecute(_ call: StatementCall) throws(PostgresError) {
    let arguments = call.arguments
    if arguments.count == 1, let bytes = arguments[0].bytes, !bytes.isEmpty {
      let sent = bytes.withUnsafeBytes {
        send(call.statement, $0, lengths: [Int32(clamping: bytes.count)])
      }
      return try queued(sent)
    }
    // One buffer for all arguments: pointers into several arrays would nest a closure for each.
    var bytes: [UInt8] = []
    bytes.reserveCapacity(arguments.reduce(1) { $0 + ($1.bytes?.count ?? 0) })
    for argument in arguments { bytes.append(contentsOf: argument.bytes ?? []) }
    // Never empty, so that an empty value has an address and is not taken for NULL.
    bytes.append(0)
    let lengths = arguments.map { $0.bytes.map { Int32(clamping: $0.count) } }
    try queued(bytes.withUnsafeBytes { send(call.statement, $0, lengths: lengths) })
  }

  /// Queues the execution with arguments that stand one after the other; no length is NULL.
  private func send(
    _ statement: Statement, _ bytes: UnsafeRawBufferPointer, lengths: [Int32?]
  ) -> Int32 {
    guard let first = bytes.baseAddress?.assumingMemoryBound(to: CChar.self) else { return 0 }
    var values: [UnsafePointer<CChar>?] = []
    var offset = 0
    for length in lengths {
      values.append(length == nil ? nil : first + offset)
      offset += Int(length ?? 0)
    }
    let binary = [Int32](repeating: 1, count: lengths.count)
    return PQsendQueryPrepared(
      connection, statement.name, Int32(lengths.count), values, lengths.map { $0 ?? 0 }, binary, 1)
  }

  private func queued(_ result: Int32) throws(PostgresError) {
    guard result == 1 else { throw lost() }
  }

  /// Writes what is queued, reading too, because a server that cannot write stops reading.
  func flush(until deadline: Deadline) throws(PostgresError) {
    while true {
      let left = PQflush(connection)
      if left == 0 { return }
      guard left == 1 else { throw lost() }
      if try wait(for: Int16(POLLIN | POLLOUT), until: deadline) & Int16(POLLIN) != 0 {
        guard PQconsumeInput(connection) == 1 else { throw lost() }
      }
    }
  }

  // MARK: Receiving

  /// The next answer; nil ends the answers of one step.
  func nextResult(until deadline: Deadline) throws(PostgresError) -> StepResult? {
    while PQisBusy(connection) == 1 {
      _ = try wait(for: Int16(POLLIN), until: deadline)
      guard PQconsumeInput(connection) == 1 else { throw lost() }
    }
    guard let result = PQgetResult(connection) else {
      // Where the session broke, libpq ends the answers without one.
      if PQstatus(connection) != CONNECTION_OK { throw lost() }
      return nil
    }
    defer { PQclear(result) }
    switch PQresultStatus(result) {
    case PGRES_PIPELINE_SYNC:
      return .synced
    case PGRES_PIPELINE_ABORTED:
      return .skipped
    case PGRES_COMMAND_OK, PGRES_TUPLES_OK, PGRES_EMPTY_QUERY:
      return .rows(Rows(copying: result))
    default:
      let error = PostgresError(copying: result)
      let severity = Self.line(caravan_error_severity(result))
      if PQstatus(connection) != CONNECTION_OK || severity == "FATAL" || severity == "PANIC" {
        close()
        throw PostgresError(.connectionLost, error.message, sqlState: error.sqlState)
      }
      return .refused(error)
    }
  }

  /// The moment by which a round trip that begins now has to be over.
  func roundTripDeadline() -> Deadline {
    guard let roundTripLimit else { return .never }
    return .at(ContinuousClock.now + roundTripLimit)
  }

  enum Deadline {
    case never
    case at(ContinuousClock.Instant)

    /// Milliseconds for `poll`; negative waits for ever.
    var milliseconds: Int32 {
      guard case .at(let moment) = self else { return -1 }
      let left = ContinuousClock.now.duration(to: moment)
      if left <= .zero { return 0 }
      return Int32(clamping: left.components.seconds * 1000 + 1)
        + Int32(left.components.attoseconds / 1_000_000_000_000_000)
    }
  }

  /// Blocks until the socket is ready and says for what.
  private func wait(
    for events: Int16, until deadline: Deadline
  ) throws(PostgresError) -> Int16 {
    while true {
      var watched = pollfd(fd: PQsocket(connection), events: events, revents: 0)
      guard watched.fd >= 0 else { throw lost() }
      let ready = poll(&watched, 1, deadline.milliseconds)
      if ready > 0 {
        // An error or a hang-up is read like data: libpq then says what happened.
        let troubled = watched.revents & Int16(POLLERR | POLLHUP | POLLNVAL) != 0
        return troubled ? watched.revents | Int16(POLLIN) : watched.revents
      }
      if ready == 0 {
        close()
        throw PostgresError(.timedOut, "no answer from the server within the round-trip limit")
      }
      if errno != EINTR { throw lost() }
    }
  }

  private func lost() -> PostgresError {
    let message = Self.line(PQerrorMessage(connection))
    close()
    return PostgresError(.connectionLost, message.isEmpty ? "the session is closed" : message)
  }

  /// libpq's text without its final newline; empty for nil.
  static func line(_ text: UnsafePointer<CChar>?) -> String {
    guard let text else { return "" }
    var line = String(cString: text)
    while line.last?.isNewline == true { line.removeLast() }
    return line
  }
}

extension PostgresError {
  fileprivate init(copying result: OpaquePointer) {
    let state = Session.line(caravan_error_sqlstate(result))
    let constraint = Session.line(caravan_error_constraint(result))
    var message = Session.line(caravan_error_message(result))
    if message.isEmpty { message = Session.line(PQresultErrorMessage(result)) }
    let detail = Session.line(caravan_error_detail(result))
    if !detail.isEmpty { message += " (\(detail))" }
    self.init(
      .rejected, message, sqlState: state.isEmpty ? nil : state,
      constraint: constraint.isEmpty ? nil : constraint)
  }
}

extension Rows {
  fileprivate init(copying result: OpaquePointer) {
    let width = PQnfields(result)
    let height = PQntuples(result)
    var columns: [Column] = []
    for column in 0..<width {
      columns.append(
        Column(
          name: Session.line(PQfname(result, column)),
          type: TypeID(rawValue: PQftype(result, column))))
    }
    var cells: [Cell] = []
    cells.reserveCapacity(Int(width) * Int(height))
    var bytes: [UInt8] = []
    for row in 0..<height {
      for column in 0..<width {
        if PQgetisnull(result, row, column) == 1 {
          cells.append(Cell(offset: bytes.count, length: -1))
          continue
        }
        let length = Int(PQgetlength(result, row, column))
        cells.append(Cell(offset: bytes.count, length: length))
        bytes.append(
          contentsOf: UnsafeRawBufferPointer(
            start: PQgetvalue(result, row, column), count: length))
      }
    }
    let affected = Int(Session.line(PQcmdTuples(result))) ?? 0
    self.init(
      columns: columns, count: Int(height), affected: affected, cells: cells, bytes: bytes)
  }
}
