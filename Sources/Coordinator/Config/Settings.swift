import Logging

/// Everything that can be configured, as typed values.
///
/// `SettingTable` says what each property is called outside, what it may be and what it is where
/// nothing is said; the values written here only let the struct be made, and `init` replaces all
/// of them by the table's.
struct Settings: Sendable, Equatable {
  // MARK: Connections

  /// Where PostgreSQL is, as libpq reads it. Empty where nothing was said.
  var database = ""
  /// How long a caller waits for a database that is away.
  var databaseWait = Duration.zero
  var listen = SocketEndpoint(host: "", port: 0)
  /// Where callers without gRPC find it; nil: nowhere.
  var httpListen: SocketEndpoint?
  /// Event loops, each with its shard of the live transactions. 0: one for each core.
  var eventLoops = 0
  /// Writers, each a connection to PostgreSQL on a thread of its own.
  var writers = 0
  /// Transactions that one batch of a writer carries at most.
  var batchMax = 0
  /// Writes that wait for a writer at most; past it new transactions are turned away.
  var writeQueueMax = 0

  // MARK: Transactions

  var liveTransactionsMax = 0
  /// A transaction whose next step is farther away than this leaves memory.
  var parkAfter = Duration.zero
  var leaseDuration = Duration.zero
  var retention = Duration.zero
  var idRetention = Duration.zero
  /// Start of easycar's interface goes on with phase two.
  var easycarAutomaticPhaseTwo = false
  var limits = Limits()
  var defaults = Defaults()

  // MARK: Participants, operation

  var allow = AllowList(patterns: [])
  /// A PEM file of the authorities whose certificates https participants may show; empty: the
  /// system's.
  var participantsCAFile = ""
  var participants = Participants()
  /// Who is told that a transaction needs attention.
  var attentionWebhooks: [AttentionWebhook] = []
  /// They are told of the same at most once in this time.
  var attentionInterval = Duration.zero
  var logLevel = LogLevel.info
  var logFormat = LogFormat.text
  /// How long a stopping server lets calls under way come to their end.
  var drainGrace = Duration.zero
  /// Serve although PostgreSQL runs with `fsync = off`.
  var allowFsyncOff = false

  /// The largest things a caller or a participant may send.
  struct Limits: Sendable, Equatable {
    /// One gRPC message, in bytes.
    var messageBytesMax = 0
    /// One payload of a call, in bytes.
    var payloadBytesMax = 0
    /// Branches of a transaction.
    var branchesMax = 0
    /// A transaction's or branch's id, in bytes.
    var idBytesMax = 0
    var levelMax = 0
    /// One participant's reply that is kept, in bytes.
    var replyBytesMax = 0
    /// All replies that are kept for one transaction, in bytes.
    var repliesBytesMax = 0
    /// One error text that is kept, in bytes.
    var errorTextBytesMax = 0
  }

  /// How many calls the participant at one address gets, and when it gets none.
  struct Participants: Sendable, Equatable {
    /// Calls under way at most.
    var callsMax = 0
    /// Calls that wait for their turn at most.
    var waitingMax = 0
    /// Failures in a row that open the circuit.
    var circuitFailures = 0
    /// How long it is open at first.
    var circuitOpen = Duration.zero
    /// Retries at once.
    var retryBudget = 0
  }

  /// What holds for a transaction or branch that does not say otherwise.
  struct Defaults: Sendable, Equatable {
    /// From Begin to the decision.
    var deadline = Duration.zero
    /// Of one attempt of a call.
    var attemptTimeout = Duration.zero
    var phaseOneAttempts = 0
    var phaseOne = Backoff()
    var phaseTwo = Backoff()
    /// Attempts in phase two before an operator is asked for.
    var attentionAfter = 0
  }

  /// The delays between attempts: the first, times the factor each time, up to the cap, each
  /// spread by the jitter to both sides.
  struct Backoff: Sendable, Equatable {
    var firstDelay = Duration.zero
    var factor = 0.0
    var delayMax = Duration.zero
    var jitterPercent = 0
  }

  /// All settings at their defaults.
  init() {
    for setting in SettingTable.all { setting.assignDefault(&self) }
  }
}

/// How much is logged: the levels of swift-log by their names.
enum LogLevel: String, Sendable, CaseIterable {
  case trace, debug, info, notice, warning, error, critical
}

/// How a log line is written.
enum LogFormat: String, Sendable, CaseIterable {
  /// For people: time, level, message, key=value.
  case text
  /// For machines: one JSON object a line.
  case json
}
