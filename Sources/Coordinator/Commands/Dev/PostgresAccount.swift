import Glibc

/// The user that PostgreSQL runs as. It refuses to run as root.
struct PostgresAccount: Sendable, Equatable {
  let name: String
  let user: uid_t
  let group: gid_t
  /// Whether this process must change to it, which only root can.
  let isChange: Bool

  /// The user of this process; for root `postgres`, or else `nobody`.
  static func choose() throws(PrivatePostgresError) -> PostgresAccount {
    guard geteuid() == 0 else {
      return PostgresAccount(name: "", user: geteuid(), group: getegid(), isChange: false)
    }
    for name in ["postgres", "nobody"] {
      guard let entry = getpwnam(name)?.pointee else { continue }
      return PostgresAccount(
        name: name, user: entry.pw_uid, group: entry.pw_gid, isChange: true)
    }
    throw .noUnprivilegedUser
  }

  /// Gives a directory to this user and closes it to all others.
  func own(_ directory: String) throws(PrivatePostgresError) {
    guard !isChange || chown(directory, user, group) == 0, chmod(directory, 0o700) == 0 else {
      throw .directory(directory, reason: String(cString: strerror(errno)))
    }
  }
}
