package import Postgres

/// How the PostgreSQL store works.
package struct StoreConfiguration: Equatable, Sendable {
  /// A libpq connection URI or keyword string.
  package var url: String
  /// Sessions that write, each on a thread of its own.
  package var writers: Int
  /// Sessions that answer `get` and `list`, each on a thread of its own.
  package var readers: Int
  /// Writes that one SQL transaction takes at most.
  package var batchMax: Int
  /// Bytes that one SQL transaction takes at most, roughly; a larger write goes alone.
  package var batchBytesMax: Int
  /// Unanswered writes, and queries, past which no new one is taken.
  package var queueMax: Int
  /// How long a write or a query waits for a database that is away before it is answered `.failed`.
  package var answerBound: Duration
  /// How long one round trip may take before the session is given up.
  package var roundTripLimit: Duration
  /// How long a row that somebody else holds may delay a batch.
  package var lockWait: Duration
  /// How long one address may take to let us in, in whole seconds.
  package var connectSeconds: Int
  /// A server with `fsync = off` is refused unless this is set: it acknowledges what a power
  /// failure takes back.
  package var allowsFsyncOff: Bool

  package init(
    url: String, writers: Int, readers: Int = 2, batchMax: Int,
    batchBytesMax: Int = 4 << 20, queueMax: Int, answerBound: Duration,
    roundTripLimit: Duration = .seconds(10), lockWait: Duration = .milliseconds(500),
    connectSeconds: Int = 3, allowsFsyncOff: Bool
  ) {
    self.url = url
    self.writers = writers
    self.readers = readers
    self.batchMax = batchMax
    self.batchBytesMax = batchBytesMax
    self.queueMax = queueMax
    self.answerBound = answerBound
    self.roundTripLimit = roundTripLimit
    self.lockWait = lockWait
    self.connectSeconds = connectSeconds
    self.allowsFsyncOff = allowsFsyncOff
  }

  /// The server, with a name for what its session does.
  package func target(_ purpose: String) -> ConnectionTarget {
    ConnectionTarget(
      url: url, applicationName: "caravan \(purpose)", connectSeconds: connectSeconds,
      roundTripLimit: roundTripLimit)
  }
}
