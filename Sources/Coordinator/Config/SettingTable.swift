/// The table of settings. Flags, environment variables, the settings file, `--help`,
/// docs/settings.md and the checks are all made from it.
enum SettingTable {
  static let all: [Setting] =
    connections + transactions + defaults + limits + participants + operation

  /// Looks a row up by its key in a settings file.
  static let byKey = Dictionary(uniqueKeysWithValues: all.map { ($0.key, $0) })

  private static let connections: [Setting] = [
    Setting(
      "database", .connections, .database, default: "", \.database,
      environment: "CARAVAN_DATABASE_URL", isSecret: true,
      "The PostgreSQL database: a URL or a libpq connection string"),
    Setting(
      "database-wait", .connections, .duration(.milliseconds(100) ... .minutes(10)),
      default: .seconds(5), \.databaseWait,
      "How long a request waits for PostgreSQL before it fails with UNAVAILABLE"),
    Setting(
      "listen", .connections, .endpoint,
      default: SocketEndpoint(host: "127.0.0.1", port: 7070), \.listen,
      "Address for gRPC"),
    Setting(
      "http.listen", .connections, .optionalEndpoint,
      default: SocketEndpoint(host: "127.0.0.1", port: 7071), \.httpListen,
      "Address for HTTP and JSON; empty turns it off"),
    Setting(
      "event-loops", .connections, .count(0...1024), default: 0, \.eventLoops,
      "Threads that serve callers and drive transactions; 0 means one per core"),
    Setting(
      "writers", .connections, .count(1...64), default: 1, \.writers,
      "Connections to PostgreSQL that write, each on its own thread; one writes the largest batches"
    ),
    Setting(
      "batch.max", .connections, .count(1...1000), default: 128, \.batchMax,
      "Maximum number of transactions in one durable write"),
    Setting(
      "write-queue.max", .connections, .count(1...1_000_000), default: 10_000, \.writeQueueMax,
      "Maximum number of queued writes; beyond it new transactions get RESOURCE_EXHAUSTED"),
  ]

  private static let transactions: [Setting] = [
    Setting(
      "live-transactions.max", .transactions, .count(1...10_000_000), default: 100_000,
      \.liveTransactionsMax,
      "Maximum number of transactions in memory; beyond it new ones get RESOURCE_EXHAUSTED"),
    Setting(
      "park.after", .transactions, .duration(.seconds(1) ... .days(1)), default: .minutes(1),
      \.parkAfter,
      "A transaction whose next step is further away than this leaves memory until then"),
    Setting(
      "lease", .transactions, .duration(.seconds(1) ... .minutes(10)), default: .seconds(10),
      \.leaseDuration,
      "How long after its last renewal others may take over a coordinator's transactions"),
    Setting(
      "retention", .transactions, .duration(.zero ... .days(3650)), default: .days(7),
      \.retention, "How long a finished transaction is kept with its branches and replies"),
    Setting(
      "id-retention", .transactions, .duration(.zero ... .days(3650)), default: .days(90),
      \.idRetention,
      "How long the id and outcome of a finished transaction are kept to answer repeats"),
    Setting(
      "easycar.automatic-phase-two", .transactions, .onOff, default: false,
      \.easycarAutomaticPhaseTwo,
      "easycar's Start also runs phase two, as with easycar's automaticExecution2"),
  ]

  private static let defaults: [Setting] = [
    Setting(
      "deadline", .defaults, .duration(.milliseconds(1) ... .days(365)), default: .seconds(60),
      \.defaults.deadline,
      "Time from begin to decision for requests without a timeout; theirs is at most 30d"),
    Setting(
      "attempt.timeout", .defaults, .duration(.milliseconds(1) ... .hours(1)),
      default: .seconds(10), \.defaults.attemptTimeout, "Timeout of one attempt of a call"),
    Setting(
      "phase-one.attempts", .defaults, .count(1...1000), default: 3, \.defaults.phaseOneAttempts,
      "Attempts of a try or an action before the transaction rolls back"),
    Setting(
      "phase-one.delay", .defaults, .duration(.milliseconds(1) ... .hours(1)),
      default: .milliseconds(100), \.defaults.phaseOne.firstDelay,
      "Delay before the second attempt in phase one"),
    Setting(
      "phase-one.factor", .defaults, .factor(1...10), default: 2, \.defaults.phaseOne.factor,
      "Factor by which the delay grows after each attempt in phase one"),
    Setting(
      "phase-one.delay-max", .defaults, .duration(.milliseconds(1) ... .days(1)),
      default: .seconds(2), \.defaults.phaseOne.delayMax, "Longest delay in phase one"),
    Setting(
      "phase-one.jitter", .defaults, .percent(0...90), default: 20,
      \.defaults.phaseOne.jitterPercent,
      "How much a delay in phase one varies at random, in both directions"),
    Setting(
      "phase-two.delay", .defaults, .duration(.milliseconds(1) ... .hours(1)),
      default: .milliseconds(100), \.defaults.phaseTwo.firstDelay,
      "Delay before the second attempt in phase two"),
    Setting(
      "phase-two.factor", .defaults, .factor(1...10), default: 2, \.defaults.phaseTwo.factor,
      "Factor by which the delay grows after each attempt in phase two"),
    Setting(
      "phase-two.delay-max", .defaults, .duration(.milliseconds(1) ... .days(1)),
      default: .seconds(60), \.defaults.phaseTwo.delayMax, "Longest delay in phase two"),
    Setting(
      "phase-two.jitter", .defaults, .percent(0...90), default: 20,
      \.defaults.phaseTwo.jitterPercent,
      "How much a delay in phase two varies at random, in both directions"),
    Setting(
      "attention-after", .defaults, .count(1...1_000_000), default: 10,
      \.defaults.attentionAfter,
      "Attempts in phase two after which a transaction needs attention; retries continue"),
  ]

  private static let limits: [Setting] = [
    Setting(
      "limits.message", .limits, .size(64 << 10...64 << 20), default: 4 << 20,
      \.limits.messageBytesMax, "Largest gRPC message or HTTP body, requests and replies alike"),
    Setting(
      "limits.payload", .limits, .size(1 << 10...32 << 20), default: 1 << 20,
      \.limits.payloadBytesMax, "Largest payload of one call"),
    Setting(
      "limits.branches", .limits, .count(1...10_000), default: 1000, \.limits.branchesMax,
      "Maximum number of branches in a transaction"),
    Setting(
      "limits.id", .limits, .count(36...128), default: 128, \.limits.idBytesMax,
      "Longest id of a transaction or branch, in bytes"),
    Setting(
      "limits.level", .limits, .count(0...99_999), default: 99_999, \.limits.levelMax,
      "Highest level of a branch"),
    Setting(
      "limits.reply", .limits, .size(0...1 << 20), default: 64 << 10, \.limits.replyBytesMax,
      "Largest reply of a participant that is kept"),
    Setting(
      "limits.replies", .limits, .size(0...3 << 20), default: 1 << 20,
      \.limits.repliesBytesMax, "Total size of the replies that are kept for one transaction"),
    Setting(
      "limits.error-text", .limits, .size(64...4 << 10), default: 1 << 10,
      \.limits.errorTextBytesMax, "Longest error text that is kept; the rest is cut off"),
  ]

  private static let participants: [Setting] = [
    Setting(
      "participants.calls-max", .participants, .count(1...100_000), default: 256,
      \.participants.callsMax,
      "Maximum number of concurrent calls to one address; further calls queue"),
    Setting(
      "participants.waiting-max", .participants, .count(0...1_000_000), default: 10_000,
      \.participants.waitingMax,
      "Maximum number of queued calls to one address; beyond it an attempt counts as not sent"
    ),
    Setting(
      "participants.circuit-failures", .participants, .count(1...1_000_000), default: 5,
      \.participants.circuitFailures,
      "Consecutive failures to reach an address that open its circuit"),
    Setting(
      "participants.circuit-open", .participants, .duration(.milliseconds(10) ... .minutes(10)),
      default: .seconds(1), \.participants.circuitOpen,
      "How long an open circuit blocks calls; doubles after each failed probe, up to 30s"),
    Setting(
      "participants.retry-budget", .participants, .count(1...1_000_000), default: 100,
      \.participants.retryBudget,
      "Retry budget of one address; refilled by 10 a second and by 1 for each success"
    ),
  ]

  private static let operation: [Setting] = [
    Setting(
      "participants.allow", .operation, .allowList, default: AllowList(patterns: []), \.allow,
      "Participants that callers may register; empty means none; stored calls go on regardless"),
    Setting(
      "participants.ca-file", .operation, .path("the path of a PEM file"), default: "",
      \.participantsCAFile,
      "CAs trusted for https participants, instead of the system's (PEM)"),
    Setting(
      "attention.webhooks", .operation, .webhooks, default: [], \.attentionWebhooks,
      isSecret: true,
      "Webhooks that are called when a transaction needs attention; empty means none"),
    Setting(
      "attention.interval", .operation, .duration(.seconds(1) ... .days(7)), default: .hours(1),
      \.attentionInterval,
      "A webhook is called at most once per transaction and reason in this time"),
    Setting(
      "drain.grace", .operation, .duration(.zero ... .hours(1)), default: .seconds(10),
      \.drainGrace, "How long a stopping server waits for calls in progress"),
    Setting(
      "log.level", .operation, .choice, default: .info, \.logLevel, "Lowest level that is logged"),
    Setting(
      "log.format", .operation, .choice, default: .text, \.logFormat,
      "Format of log lines: text or JSON"),
    Setting(
      "unsafe.allow-fsync-off", .operation, .onOff, default: false, \.allowFsyncOff,
      "Serve even if PostgreSQL runs with fsync off and may lose acknowledged writes"),
  ]
}

extension ValueForm where Value == String {
  /// The path of a file; empty: none.
  fileprivate static func path(_ accepted: String) -> Self {
    .text("path", accepted, check: { $0.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F } })
  }

  /// What libpq reads: a URL, or words of the form key=value.
  fileprivate static var database: Self {
    .text(
      "url", "postgresql://user@host/name or \"host=… dbname=…\"",
      check: {
        $0.hasPrefix("postgresql://") || $0.hasPrefix("postgres://")
          || ($0.contains("=") && !$0.contains("://"))
      })
  }
}
