import Mode
import Support

/// How bad the world is in one history, until it calms down.
struct Weather: Sendable {
  /// From then on nothing fails any more, so that everything can end.
  var calmAt: Int64 = 0

  // The network between coordinator and participants, in percent of calls.
  var lostRequests = 0
  var lostReplies = 0
  /// The coordinator sees its connection break before the timeout.
  var brokenConnections = 0
  var duplicates = 0
  /// Requests that take most of their timeout.
  var slowRequests = 0
  var notSent = 0
  /// Participants that answer that they do not know, having acted or not.
  var unknownAnswers = 0
  /// Requests may arrive after their timeout: these histories test the participant's contract (b)
  /// and (c), not the wait of undos.
  var landsLate = false
  /// When each server cannot be reached.
  var outages: [(server: Int, from: Int64, until: Int64)] = []

  // The store, in percent of batches.
  var failedBatches = 0
  /// The batch is durable, and its answer says that nothing is known.
  var lostAnswers = 0
  /// Batches that take seconds.
  var slowBatches = 0
  var fullQueues = 0

  /// Percent of requests whose caller gives up waiting.
  var impatience = 0

  static let servers = 4

  /// Nothing fails but what the scenario says.
  init(calmAt: Int64) { self.calmAt = calmAt }

  init(using random: inout SeededGenerator) {
    guard !random.chance(10) else { return }
    calmAt = random.number(5_000...40_000)
    func level(_ random: inout SeededGenerator, _ choices: [Int]) -> Int { random.pick(choices) }
    lostRequests = level(&random, [0, 0, 5, 20, 50])
    lostReplies = level(&random, [0, 0, 5, 20, 50])
    brokenConnections = level(&random, [0, 5, 20])
    duplicates = level(&random, [0, 5, 20])
    slowRequests = level(&random, [0, 5, 30])
    notSent = level(&random, [0, 0, 5, 30])
    unknownAnswers = level(&random, [0, 0, 5, 30])
    landsLate = random.chance(10)
    failedBatches = level(&random, [0, 0, 0, 2, 20])
    lostAnswers = level(&random, [0, 0, 0, 2, 20])
    slowBatches = level(&random, [0, 0, 2, 10])
    fullQueues = level(&random, [0, 0, 0, 5])
    impatience = level(&random, [0, 0, 20])
    for _ in 0..<random.pick([0, 0, 1, 3]) {
      let from = random.number(0...5_000)
      outages.append(
        (random.below(Self.servers), from, from + random.number(100...10_000)))
    }
  }

  func isCalm(at now: Int64) -> Bool { now >= calmAt }

  func isOut(server: Int, at now: Int64) -> Bool {
    outages.contains { $0.server == server && $0.from <= now && now < $0.until }
  }
}
