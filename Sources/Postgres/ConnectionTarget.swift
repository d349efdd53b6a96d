/// Which server and database to reach, and how long to wait for it.
package struct ConnectionTarget: Equatable, Sendable {
  /// A libpq connection URI or keyword string; what it sets wins over everything below.
  package var url: String
  /// Shown in `pg_stat_activity`.
  package var applicationName: String
  /// How long one address may take to let us in, in whole seconds (libpq waits at least two).
  package var connectSeconds: Int
  /// How long one round trip may take before the session is given up; nil waits for ever.
  package var roundTripLimit: Duration?

  package init(
    url: String, applicationName: String = "caravan", connectSeconds: Int = 5,
    roundTripLimit: Duration? = .seconds(30)
  ) {
    self.url = url
    self.applicationName = applicationName
    self.connectSeconds = connectSeconds
    self.roundTripLimit = roundTripLimit
  }

  /// The keywords for libpq in order: a later one wins, so the URI stands last.
  var keywords: [(String, String)] {
    [
      ("fallback_application_name", applicationName),
      ("connect_timeout", String(connectSeconds)),
      // A peer that vanished without a word is noticed within half a minute.
      ("keepalives_idle", "10"), ("keepalives_interval", "5"), ("keepalives_count", "3"),
      ("tcp_user_timeout", "25000"),
      ("dbname", url),
      // Not the URI's to choose: rows are decoded as UTF-8.
      ("client_encoding", "UTF8"),
    ]
  }
}
