import Foundation
import Glibc

/// The steps from a directory to a running PostgreSQL.
struct ServerStart: Sendable {
  let place: PostgresPlace
  let binaries: PostgresBinaries
  let programs: PostgresPrograms

  private static let pollInterval = Duration.milliseconds(50)
  /// A log larger than this is put aside when the server starts.
  private static let logBytesMax = 10 << 20
  /// Starts that are tried while processes of a killed server still hold its memory.
  private static let startsMax = 10

  /// The server that runs over the data already; nil where none does. One that is just starting or
  /// stopping is waited for.
  func runningServer() async throws -> PostmasterFile? {
    for _ in 0..<600 {
      guard let file = PostmasterFile.read(data: place.data) else { return nil }
      switch file.holder(data: place.data) {
      case .nobody:
        removeSocketDirectory(of: file)
        return nil
      case .stranger:
        // PostgreSQL would take the stranger for its own and refuse to start.
        removeSocketDirectory(of: file)
        unlink(place.data + "/postmaster.pid")
        return nil
      case .server where file.status == "ready": return file
      case .server: try await Task.sleep(for: Self.pollInterval)
      }
    }
    throw PrivatePostgresError.failed(
      doing: "adopting PostgreSQL", reason: "it neither came up nor went away; see \(place.log)")
  }

  /// Makes the data: beside its place first and moved there when it is whole, so that what a killed
  /// Caravan left half made is never taken for data.
  func makeData(superuser: String, database: String) async throws {
    let unfinished = place.data + ".unfinished"
    try? FileManager.default.removeItem(atPath: unfinished)
    let made = try await programs.run(
      binaries.path("initdb"),
      [
        "-D", unfinished, "-U", superuser, "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8",
        "--no-instructions",
      ])
    guard made.succeeded else { throw failed("making the database under \(place.home)", made) }
    let created = try await programs.run(
      binaries.path("postgres"), ["--single", "-D", unfinished, "postgres"],
      input: "CREATE DATABASE \(database);\n")
    guard created.succeeded else {
      throw failed("making the database under \(place.home)", created)
    }
    guard rename(unfinished, place.data) == 0 else {
      throw PrivatePostgresError.directory(place.home, reason: String(cString: strerror(errno)))
    }
  }

  /// Starts the server and waits until it answers.
  func start(patienceSeconds: Int) async throws -> PostmasterFile {
    putLargeLogAside()
    let sockets = try makeSocketDirectory()
    let options = [
      "listen_addresses=''", "unix_socket_directories='\(sockets)'",
      "unix_socket_permissions=0700", "port=5432", "cluster_name='caravan-dev'",
    ]
    var reason = ""
    for _ in 0..<Self.startsMax {
      let logged = logLength
      let outcome = try await programs.run(
        binaries.path("pg_ctl"),
        [
          "-D", place.data, "-l", place.log, "-w", "-t", "\(patienceSeconds)", "-s",
          "-o", options.map { "-c \($0)" }.joined(separator: " "), "start",
        ])
      if outcome.succeeded, let file = PostmasterFile.read(data: place.data) { return file }
      let log = PostgresPrograms.Outcome(
        succeeded: false, output: "", errors: logText(from: logged))
      reason = log.errors.isEmpty ? outcome.reason : log.reason
      // Processes of a server that was killed end a moment after it.
      guard log.errors.contains("shared memory block") else { break }
      try await Task.sleep(for: .milliseconds(500))
    }
    rmdir(sockets)
    throw PrivatePostgresError.failed(
      doing: "starting PostgreSQL", reason: "\(reason) (more in \(place.log))")
  }

  /// A directory with a short name, since the path of a unix socket has 107 bytes at most; closed
  /// to everybody else, since the server trusts who reaches it.
  private func makeSocketDirectory() throws(PrivatePostgresError) -> String {
    var template = Array("/tmp/caravan-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else {
      throw .directory("/tmp", reason: String(cString: strerror(errno)))
    }
    let directory = String(
      decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
    try place.account.own(directory)
    return directory
  }

  /// Removes what a killed server left in /tmp.
  private func removeSocketDirectory(of file: PostmasterFile) {
    guard file.socketDirectory.hasPrefix("/tmp/caravan-") else { return }
    unlink(file.socketDirectory + "/.s.PGSQL.\(file.port)")
    unlink(file.socketDirectory + "/.s.PGSQL.\(file.port).lock")
    rmdir(file.socketDirectory)
  }

  private var logLength: UInt64 {
    let attributes = try? FileManager.default.attributesOfItem(atPath: place.log)
    return (attributes?[.size] as? NSNumber)?.uint64Value ?? 0
  }

  private func putLargeLogAside() {
    guard logLength > Self.logBytesMax else { return }
    rename(place.log, place.log + ".old")
  }

  private func logText(from offset: UInt64) -> String {
    guard let file = FileHandle(forReadingAtPath: place.log) else { return "" }
    defer { try? file.close() }
    try? file.seek(toOffset: offset)
    return String(decoding: (try? file.read(upToCount: 64 << 10)) ?? Data(), as: UTF8.self)
  }

  private func failed(
    _ doing: String, _ outcome: PostgresPrograms.Outcome
  ) -> PrivatePostgresError {
    .failed(doing: doing, reason: outcome.reason)
  }
}
