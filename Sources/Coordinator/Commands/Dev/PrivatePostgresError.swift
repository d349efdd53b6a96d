/// Why the private PostgreSQL of `caravan dev` is not there, and what to do about it.
enum PrivatePostgresError: Error, Equatable, CustomStringConvertible {
  /// No server binaries, neither in PATH nor where Debian puts them.
  case binariesMissing(searched: [String])
  /// The data was made by a major version whose binaries are gone.
  case versionMissing(data: String, version: String)
  /// A directory cannot be made or written.
  case directory(String, reason: String)
  /// Another `caravan dev` runs over the same directory.
  case inUse(directory: String, by: String)
  /// root has nobody to be instead.
  case noUnprivilegedUser
  /// The data belongs to a user that this process cannot become.
  case notOurs(data: String)
  /// A server program failed.
  case failed(doing: String, reason: String)

  var description: String {
    switch self {
    case .binariesMissing(let searched):
      """
      PostgreSQL's server programs (initdb, pg_ctl, postgres) are not installed; \
      looked in \(searched.joined(separator: ", ")).
      Install them with: apt-get install postgresql
      Or serve over a database that you have: caravan serve --database URL
      """
    case .versionMissing(let data, let version):
      """
      \(data) was made by PostgreSQL \(version), whose programs are not installed.
      Install them with: apt-get install postgresql-\(version)
      Or remove \(data), with all that is in it.
      """
    case .directory(let directory, let reason):
      """
      \(directory) cannot be used: \(reason).
      Run caravan dev where it may write, or name another place with --directory.
      """
    case .inUse(let directory, let process):
      "another caravan dev (process \(process)) runs over \(directory); "
        + "stop it, or name another place with --directory"
    case .noUnprivilegedUser:
      "PostgreSQL does not run as root, and there is neither a user postgres nor nobody to run it as"
    case .notOurs(let data):
      "\(data) belongs to another user; run caravan dev as that user, or remove it"
    case .failed(let doing, let reason):
      "\(doing) failed: \(reason)" + Self.hint(reason)
    }
  }

  private static func hint(_ reason: String) -> String {
    reason.contains("No space left on device") ? "\nFree some space on that disk." : ""
  }
}
