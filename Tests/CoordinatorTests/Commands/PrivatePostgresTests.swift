import Foundation
import Glibc
import Logging
import Support
import Testing

@testable import Coordinator

/// Against real servers, each in a directory of its own that is gone afterwards.
@Suite struct PrivatePostgresTests {
  private let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

  private func withDirectory(_ body: (String) async throws -> Void) async throws {
    // Short, and open to the user that PostgreSQL runs as.
    var template = Array("/tmp/cvdev-XXXXXX".utf8CString)
    try #require(mkdtemp(&template) != nil)
    let directory = String(
      decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
    chmod(directory, 0o755)
    defer { try? FileManager.default.removeItem(atPath: directory) }
    try await body(directory)
  }

  private func start(_ directory: String) async throws -> PrivatePostgres {
    try await PrivatePostgres.start(
      under: directory, path: ProcessInfo.processInfo.environment["PATH"] ?? "", logger: logger)
  }

  private func query(_ postgres: PrivatePostgres, _ sql: String) async throws -> String {
    let programs = PostgresPrograms(account: postgres.place.account)
    let outcome = try await programs.run(
      "/usr/bin/psql", ["-X", "-A", "-t", "-q", "-v", "ON_ERROR_STOP=1", "-c", sql, postgres.url])
    try #require(outcome.succeeded, "\(outcome.errors)")
    return outcome.output.trimmingCharacters(in: .whitespacesAndNewlines)
  }

  private func server(_ postgres: PrivatePostgres) throws -> PostmasterFile {
    try #require(PostmasterFile.read(data: postgres.place.data))
  }

  @Test func dataIsKeptBetweenRunsAndNothingElseStays() async throws {
    try await withDirectory { directory in
      try await useAndStop(directory)
      // What a killed initdb leaves is in nobody's way.
      try PostgresPlace.makeDirectory(directory + "/postgres/data.unfinished/base")
      let second = try await start(directory + "/.")
      #expect(try await query(second, "SELECT answer FROM kept") == "42")
      try await second.stop()
    }
  }

  private func useAndStop(_ directory: String) async throws {
    let first = try await start(directory)
    #expect(!first.isAdopted)
    let process = try server(first).process
    _ = try await query(first, "CREATE TABLE kept AS SELECT 42 AS answer")
    #expect(try await query(first, "SHOW listen_addresses") == "")
    #expect(try await query(first, "SHOW fsync") == "on")
    #expect(getsid(process) != getsid(0))
    let sockets = try server(first).socketDirectory
    #expect(sockets.utf8.count < 60)
    try await first.stop()
    #expect(PostmasterFile.read(data: first.place.data) == nil)
    #expect(!FileManager.default.fileExists(atPath: sockets))
  }

  @Test func aServerThatWasLeftRunningIsAdoptedAndOneThatWasKilledIsStartedAnew() async throws {
    try await withDirectory { directory in
      var process = pid_t(0)
      do {
        let left = try await start(directory)
        process = try server(left).process
      }
      do {
        let adopted = try await start(directory)
        #expect(adopted.isAdopted)
        #expect(try server(adopted).process == process)
        #expect(try await query(adopted, "SELECT 1") == "1")
        kill(process, SIGKILL)
        // It goes when the kernel has time for it.
        #expect(await eventually { kill(process, 0) != 0 })
      }
      let anew = try await start(directory)
      #expect(!anew.isAdopted)
      #expect(try await query(anew, "SELECT 1") == "1")
      try await anew.stop()
    }
  }

  @Test func aProcessNumberThatWasGivenAnewIsNotTakenForTheServer() async throws {
    try await withDirectory { directory in
      var home = ""
      do {
        let postgres = try await start(directory)
        home = postgres.place.data
        try await postgres.stop()
      }
      let stale = "\(getpid())\n\(home)\n0\n5432\n/tmp/caravan-gone\n\n 1 2\nready\n"
      try Data(stale.utf8).write(to: URL(fileURLWithPath: home + "/postmaster.pid"))
      let postgres = try await start(directory)
      #expect(!postgres.isAdopted)
      #expect(try await query(postgres, "SELECT 1") == "1")
      try await postgres.stop()
    }
  }

  @Test func aSecondCaravanOverTheSameDirectoryIsTurnedAway() async throws {
    try await withDirectory { directory in
      let lock = try DirectoryLock(directory: directory)
      await #expect(
        throws: PrivatePostgresError.inUse(directory: directory, by: "\(getpid())")
      ) { _ = try await start(directory) }
      withExtendedLifetime(lock) {}
    }
  }

  @Test func aPlaceThatTheServersUserCannotReachIsReplacedAndSaid() async throws {
    let account = try PostgresAccount.choose()
    guard account.isChange else { return }
    try await withDirectory { directory in
      let (closed, open) = (directory + "/closed", directory + "/open")
      try PostgresPlace.makeDirectory(closed + "/.caravan")
      chmod(closed, 0o700)
      let place = try await PostgresPlace.make(
        under: closed + "/.caravan", fallback: open,
        programs: PostgresPrograms(account: account))
      #expect(place.home.hasPrefix(open + "/closed-"))
      #expect(place.notice?.contains(place.home) == true)
      #expect(!FileManager.default.fileExists(atPath: closed + "/.caravan/postgres"))
    }
  }

  @Test func aDirectoryThatCannotBeMadeIsNamedWithTheReason() async throws {
    await #expect {
      _ = try await start("/proc/caravan")
    } throws: { error in
      "\(error)".contains("/proc/caravan cannot be used") && "\(error)".contains("--directory")
    }
  }

  @Test func missingServerProgramsAreAnErrorThatSaysHowToGetThem() {
    #expect(PostgresBinaries.find(path: "/bin:/nowhere", root: "/nowhere") == nil)
    let error = PrivatePostgresError.binariesMissing(
      searched: PostgresBinaries.searched(path: "/bin"))
    #expect("\(error)".contains("apt-get install postgresql"))
  }

  @Test func theProgramsOfTheVersionThatMadeTheDataAreTaken() async throws {
    try await withDirectory { root in
      for version in ["9", "14", "15"] {
        let bin = "\(root)/\(version)/bin"
        try PostgresPlace.makeDirectory(bin)
        for program in ["initdb", "pg_ctl", "postgres"] {
          #expect(
            FileManager.default.createFile(
              atPath: "\(bin)/\(program)", contents: nil,
              attributes: [.posixPermissions: 0o755]))
        }
      }
      #expect(
        PostgresBinaries.find(path: "", root: root)?.directory == "\(root)/15/bin")
      #expect(
        PostgresBinaries.find(path: "", root: root, major: "14")?.directory == "\(root)/14/bin")
      #expect(PostgresBinaries.find(path: "", root: root, major: "13") == nil)
    }
  }

  @Test func aFullDiskIsSaidAsSuch() {
    let outcome = PostgresPrograms.Outcome(
      succeeded: false, output: "creating subdirectories ... ok\n",
      errors: """
        initdb: error: could not write to file "base/1": No space left on device
        initdb: removing data directory "/x"
        """)
    let error = PrivatePostgresError.failed(doing: "making the database", reason: outcome.reason)
    #expect("\(error)".contains("No space left on device"))
    #expect("\(error)".contains("Free some space"))
  }
}
