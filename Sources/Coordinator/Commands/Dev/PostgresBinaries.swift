import Foundation

/// Where PostgreSQL's server programs are.
struct PostgresBinaries: Sendable, Equatable {
  /// Holds initdb, pg_ctl and postgres.
  let directory: String

  private static let programs = ["initdb", "pg_ctl", "postgres"]

  func path(_ program: String) -> String { directory + "/" + program }

  /// Finds the programs: those of the wanted major version where one is asked for, otherwise those
  /// in PATH, otherwise the newest that Debian installed.
  ///
  /// - Parameters:
  ///   - path: The value of PATH.
  ///   - root: Where Debian keeps each major version in a directory of its own.
  ///   - major: The version that made the data, where there is data.
  static func find(
    path: String, root: String = "/usr/lib/postgresql", major: String? = nil
  ) -> PostgresBinaries? {
    if let major {
      let exact = PostgresBinaries(directory: "\(root)/\(major)/bin")
      if exact.isComplete { return exact }
    }
    let versions = (try? FileManager.default.contentsOfDirectory(atPath: root)) ?? []
    let installed = versions.sorted { (Int($0) ?? 0) > (Int($1) ?? 0) }
      .map { "\(root)/\($0)/bin" }
    let candidates = path.split(separator: ":").map(String.init) + installed
    return candidates.map { PostgresBinaries(directory: $0) }
      .first { $0.isComplete && (major == nil || $0.major == major) }
  }

  /// What `find` looks through, for the error that says it found nothing.
  static func searched(path: String) -> [String] { ["PATH", "/usr/lib/postgresql/*/bin"] }

  private var isComplete: Bool {
    Self.programs.allSatisfy { FileManager.default.isExecutableFile(atPath: self.path($0)) }
  }

  /// The major version, where the directory's name tells it as on Debian.
  private var major: String? {
    let parts = directory.split(separator: "/")
    guard parts.count >= 2, parts.last == "bin", wholeNumber(parts[parts.count - 2]) != nil
    else { return nil }
    return String(parts[parts.count - 2])
  }
}
