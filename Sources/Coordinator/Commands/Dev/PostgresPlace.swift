import Foundation
import Glibc
import Store

/// Where the private PostgreSQL keeps its things.
struct PostgresPlace: Sendable, Equatable {
  /// Holds the data, the log and nothing else; belongs to the account.
  let home: String
  let account: PostgresAccount
  /// Why the home is not where it was asked for; nil where it is.
  let notice: String?

  var data: String { home + "/data" }
  var log: String { home + "/log" }

  /// Makes a home under `directory`, or under `fallback` where the account cannot reach it: a
  /// checkout in root's own home is closed to everybody else.
  static func make(
    under directory: String, fallback: String = "/var/lib/caravan",
    programs: PostgresPrograms
  ) async throws -> PostgresPlace {
    let account = programs.account
    let home = directory + "/postgres"
    try makeDirectory(home)
    guard account.isChange else { return PostgresPlace(home: home, account: account, notice: nil) }
    try account.own(home)
    if try await programs.canUse(home) {
      return PostgresPlace(home: home, account: account, notice: nil)
    }
    rmdir(home)
    let elsewhere = "\(fallback)/\(name(of: directory))"
    try makeDirectory(elsewhere)
    try account.own(elsewhere)
    guard try await programs.canUse(elsewhere) else {
      throw PrivatePostgresError.directory(
        elsewhere, reason: "the user \(account.name) cannot reach it")
    }
    return PostgresPlace(
      home: elsewhere, account: account,
      notice: "the user \(account.name), who runs PostgreSQL, cannot reach \(home): "
        + "the data lies under \(elsewhere)")
  }

  static func makeDirectory(_ path: String) throws(PrivatePostgresError) {
    do {
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    } catch {
      let cause = (error as NSError).userInfo[NSUnderlyingErrorKey] as? NSError
      let reason = cause.map { String(cString: strerror(Int32($0.code))) }
      throw .directory(path, reason: reason ?? error.localizedDescription)
    }
  }

  /// A name that tells checkouts apart: the directory it belongs to, and a digest of its path.
  private static func name(of directory: String) -> String {
    let parent = URL(fileURLWithPath: directory).deletingLastPathComponent().lastPathComponent
    let letters = parent.filter { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-") }
    return "\(letters.prefix(32))-\(String(NameHash(directory).value, radix: 16))"
  }
}
