import Foundation
import Glibc
import Logging

/// The PostgreSQL of `caravan dev`: its own data, reached over a unix socket in a private
/// directory and nowhere else, started and stopped with Caravan and kept between runs.
///
/// The server is started through pg_ctl, which puts it into a session of its own. One that a killed
/// Caravan left behind is adopted: it is the same data, and stopping it would only cost time.
final class PrivatePostgres: Sendable {
  private static let superuser = "caravan"
  private static let database = "caravan"
  /// How long the server may take to start, which includes recovery, or to stop.
  private static let patienceSeconds = 60

  let place: PostgresPlace
  /// Where to connect, as libpq reads it.
  let url: String
  /// Whether the server was running already.
  let isAdopted: Bool
  private let server: PostmasterFile
  private let binaries: PostgresBinaries
  private let programs: PostgresPrograms
  private let lock: DirectoryLock

  private init(
    place: PostgresPlace, server: PostmasterFile, isAdopted: Bool, binaries: PostgresBinaries,
    programs: PostgresPrograms, lock: DirectoryLock
  ) {
    self.place = place
    self.server = server
    self.isAdopted = isAdopted
    self.binaries = binaries
    self.programs = programs
    self.lock = lock
    url = "postgresql://\(Self.superuser)@/\(Self.database)?host=\(server.socketDirectory)"
  }

  /// Starts the server over the data under `directory`, making both where they are missing.
  static func start(
    under directory: String, path: String, logger: Logger
  ) async throws -> PrivatePostgres {
    let directory = URL(fileURLWithPath: directory).path
    try PostgresPlace.makeDirectory(directory)
    let lock = try DirectoryLock(directory: directory)
    let programs = PostgresPrograms(account: try PostgresAccount.choose())
    let place = try await PostgresPlace.make(under: directory, programs: programs)
    if let notice = place.notice { logger.notice("\(notice)") }
    let binaries = try findBinaries(for: place.data, path: path)

    func made(_ server: PostmasterFile, adopted: Bool) -> PrivatePostgres {
      PrivatePostgres(
        place: place, server: server, isAdopted: adopted, binaries: binaries, programs: programs,
        lock: lock)
    }
    let starting = ServerStart(place: place, binaries: binaries, programs: programs)
    if let running = try await starting.runningServer() {
      logger.info(
        "adopted the PostgreSQL that was left running", metadata: ["data": "\(place.data)"])
      return made(running, adopted: true)
    }
    if !FileManager.default.fileExists(atPath: place.data) {
      try await starting.makeData(superuser: superuser, database: database)
    }
    return made(try await starting.start(patienceSeconds: patienceSeconds), adopted: false)
  }

  private static func findBinaries(
    for data: String, path: String
  ) throws(PrivatePostgresError) -> PostgresBinaries {
    var major: String?
    if FileManager.default.fileExists(atPath: data) {
      guard let version = FileManager.default.contents(atPath: data + "/PG_VERSION") else {
        throw .notOurs(data: data)
      }
      major = String(decoding: version, as: UTF8.self).trimmingCharacters(
        in: .whitespacesAndNewlines)
    }
    if let found = PostgresBinaries.find(path: path, major: major) { return found }
    if let major, PostgresBinaries.find(path: path) != nil {
      throw .versionMissing(data: data, version: major)
    }
    throw .binariesMissing(searched: PostgresBinaries.searched(path: path))
  }

  /// Stops the server: sessions are ended, what is committed is written out.
  func stop() async throws {
    let outcome = try await programs.run(
      binaries.path("pg_ctl"),
      ["-D", place.data, "-m", "fast", "-w", "-t", "\(Self.patienceSeconds)", "-s", "stop"])
    guard outcome.succeeded || PostmasterFile.read(data: place.data) == nil else {
      throw PrivatePostgresError.failed(doing: "stopping PostgreSQL", reason: outcome.reason)
    }
    rmdir(server.socketDirectory)
  }

  /// Asks the server to stop and does not wait: for a process that must end at once.
  func abandon() {
    if server.holder(data: place.data) == .server { kill(server.process, SIGINT) }
  }
}
