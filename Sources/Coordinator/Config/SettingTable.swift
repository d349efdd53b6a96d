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
      "Where PostgreSQL is: a URL or a libpq connection string"),
    Setting(
      "database-wait", .connections, .duration(.milliseconds(100) ... .minutes(10)),
      default: .seconds(5), \.databaseWait,
      "How long a caller waits while PostgreSQL is away, before it gets UNAVAILABLE"),
    Setting(
      "listen", .connections, .endpoint,
      default: SocketEndpoint(host: "127.0.0.1", port: 7070), \.listen,
      "Where callers find Caravan"),
    Setting(
      "http.listen", .connections, .optionalEndpoint,
      default: SocketEndpoint(host: "127.0.0.1", port: 7071), \.httpListen,
      "Where callers without gRPC find Caravan: HTTP with JSON; empty turns it off"),
    Setting(
      "event-loops", .connections, .count(0...1024), default: 0, \.eventLoops,
      "Threads that serve callers and drive transactions; 0 is one for each core"),
    Setting(
      "writers", .connections, .count(1...64), default: 1, \.writers,
      "Connections to PostgreSQL that write, each on a thread of its own; one writes the largest batches"
    ),
    Setting(
      "batch.max", .connections, .count(1...1000), default: 128, \.batchMax,
      "Transactions that one durable write carries at most"),
    Setting(
      "write-queue.max", .connections, .count(1...1_000_000), default: 10_000, \.writeQueueMax,
      "Writes that may wait; past it a new transaction gets RESOURCE_EXHAUSTED"),
  ]

  private static let transactions: [Setting] = [
    Setting(
      "live-transactions.max", .transactions, .count(1...10_000_000), default: 100_000,
      \.liveTransactionsMax,
      "Transactions in memory at most; past it a new one gets RESOURCE_EXHAUSTED"),
    Setting(
      "park.after", .transactions, .duration(.seconds(1) ... .days(1)), default: .minutes(1),
      \.parkAfter,
      "A transaction whose next step is farther away than this leaves memory until then"),
    Setting(
      "lease", .transactions, .duration(.seconds(1) ... .minutes(10)), default: .seconds(10),
      \.leaseDuration,
      "How long a coordinator that is not heard of keeps its transactions"),
    Setting(
      "retention", .transactions, .duration(.zero ... .days(3650)), default: .days(7),
      \.retention, "How long a finished transaction is kept whole"),
    Setting(
      "id-retention", .transactions, .duration(.zero ... .days(3650)), default: .days(90),
      \.idRetention,
      "How long the id and end of a finished transaction answer a late repeat"),
    Setting(
      "easycar.automatic-phase-two", .transactions, .onOff, default: false,
      \.easycarAutomaticPhaseTwo,
      "Start of easycar's interface goes on with phase two, as easycar's automaticExecution2 does"),
  ]

  private static let defaults: [Setting] = [
    Setting(
      "deadline", .defaults, .duration(.milliseconds(1) ... .days(365)), default: .seconds(60),
      \.defaults.deadline, "Time from the beginning of a transaction to its decision"),
    Setting(
      "attempt.timeout", .defaults, .duration(.milliseconds(1) ... .hours(1)),
      default: .seconds(10), \.defaults.attemptTimeout, "Time for one attempt of a call"),
    Setting(
      "phase-one.attempts", .defaults, .count(1...1000), default: 3, \.defaults.phaseOneAttempts,
      "Attempts of a try or an action before the transaction rolls back"),
    Setting(
      "phase-one.delay", .defaults, .duration(.milliseconds(1) ... .hours(1)),
      default: .milliseconds(100), \.defaults.phaseOne.firstDelay,
      "Delay before the second attempt in phase one"),
    Setting(
      "phase-one.factor", .defaults, .factor(1...10), default: 2, \.defaults.phaseOne.factor,
      "What each further delay in phase one is multiplied by"),
    Setting(
      "phase-one.delay-max", .defaults, .duration(.milliseconds(1) ... .days(1)),
      default: .seconds(2), \.defaults.phaseOne.delayMax, "The longest delay in phase one"),
    Setting(
      "phase-one.jitter", .defaults, .percent(0...90), default: 20,
      \.defaults.phaseOne.jitterPercent, "How far a delay in phase one is spread to both sides"),
    Setting(
      "phase-two.delay", .defaults, .duration(.milliseconds(1) ... .hours(1)),
      default: .milliseconds(100), \.defaults.phaseTwo.firstDelay,
      "Delay before the second attempt in phase two"),
    Setting(
      "phase-two.factor", .defaults, .factor(1...10), default: 2, \.defaults.phaseTwo.factor,
      "What each further delay in phase two is multiplied by"),
    Setting(
      "phase-two.delay-max", .defaults, .duration(.milliseconds(1) ... .days(1)),
      default: .seconds(60), \.defaults.phaseTwo.delayMax, "The longest delay in phase two"),
    Setting(
      "phase-two.jitter", .defaults, .percent(0...90), default: 20,
      \.defaults.phaseTwo.jitterPercent, "How far a delay in phase two is spread to both sides"),
    Setting(
      "attention-after", .defaults, .count(1...1_000_000), default: 10,
      \.defaults.attentionAfter,
      "Attempts in phase two after which a transaction needs attention; they go on"),
  ]

  private static let limits: [Setting] = [
    Setting(
      "limits.message", .limits, .size(64 << 10...64 << 20), default: 4 << 20,
      \.limits.messageBytesMax, "The largest gRPC message"),
    Setting(
      "limits.payload", .limits, .size(1 << 10...32 << 20), default: 1 << 20,
      \.limits.payloadBytesMax, "The largest payload of one call"),
    Setting(
      "limits.branches", .limits, .count(1...10_000), default: 1000, \.limits.branchesMax,
      "Branches of a transaction"),
    Setting(
      "limits.id", .limits, .count(36...128), default: 128, \.limits.idBytesMax,
      "Bytes of the id of a transaction or branch"),
    Setting(
      "limits.level", .limits, .count(0...99_999), default: 99_999, \.limits.levelMax,
      "The highest level"),
    Setting(
      "limits.reply", .limits, .size(0...1 << 20), default: 64 << 10, \.limits.replyBytesMax,
      "The largest reply of a participant that is kept"),
    Setting(
      "limits.replies", .limits, .size(0...3 << 20), default: 1 << 20,
      \.limits.repliesBytesMax, "Replies that are kept for one transaction, together"),
    Setting(
      "limits.error-text", .limits, .size(64...4 << 10), default: 1 << 10,
      \.limits.errorTextBytesMax, "The longest error text that is kept; the rest is cut off"),
  ]

  private static let participants: [Setting] = [
    Setting(
      "participants.calls-max", .participants, .count(1...100_000), default: 256,
      \.participants.callsMax,
      "Calls under way to the participant at one address at most; others wait for their turn"),
    Setting(
      "participants.waiting-max", .participants, .count(0...1_000_000), default: 10_000,
      \.participants.waitingMax,
      "Calls that wait for their turn at one address at most; past it an attempt counts as not sent"
    ),
    Setting(
      "participants.circuit-failures", .participants, .count(1...1_000_000), default: 5,
      \.participants.circuitFailures,
      "Failures to reach an address, in a row, after which it is not called for a while"),
    Setting(
      "participants.circuit-open", .participants, .duration(.milliseconds(10) ... .minutes(10)),
      default: .seconds(1), \.participants.circuitOpen,
      "How long it is not called then; twice as long after each probe that fails, up to 30s"),
    Setting(
      "participants.retry-budget", .participants, .count(1...1_000_000), default: 100,
      \.participants.retryBudget,
      "Repeated attempts that one address gets at once; 10 a second and one for each success flow back"
    ),
  ]

  private static let operation: [Setting] = [
    Setting(
      "participants.allow", .operation, .allowList, default: AllowList(patterns: []), \.allow,
      "Which participants Caravan may call; where it is empty, none"),
    Setting(
      "participants.ca-file", .operation, .path("the path of a PEM file"), default: "",
      \.participantsCAFile,
      "Authorities whose certificates https participants may show, in place of the system's"),
    Setting(
      "attention.webhooks", .operation, .webhooks, default: [], \.attentionWebhooks,
      isSecret: true,
      "Who is told over HTTP that a transaction needs attention; nobody where it is empty"),
    Setting(
      "attention.interval", .operation, .duration(.seconds(1) ... .days(7)), default: .hours(1),
      \.attentionInterval,
      "A webhook is told of one transaction, for one reason, at most once in this time"),
    Setting(
      "drain.grace", .operation, .duration(.zero ... .hours(1)), default: .seconds(10),
      \.drainGrace, "How long a stopping server lets calls under way come to their end"),
    Setting(
      "log.level", .operation, .choice, default: .info, \.logLevel, "How much is logged"),
    Setting(
      "log.format", .operation, .choice, default: .text, \.logFormat,
      "How a log line is written: for people or as JSON"),
    Setting(
      "unsafe.allow-fsync-off", .operation, .onOff, default: false, \.allowFsyncOff,
      "Serve although PostgreSQL has fsync off and may forget what it acknowledged"),
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
