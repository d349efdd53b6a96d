import Mode
import StoreTesting
import Support
import Testing

@testable import Store

/// The same random writes and sweeps, one at a time, in both stores: the answers and the rows are
/// equal.
@Suite struct DifferentialTests {
  @Test(arguments: [1, 2, 3, 4] as [UInt64])
  func bothStoresAnswerAlike(seed: UInt64) async throws {
    let memory = try StoreUnderTest(.memory)
    let postgres = try StoreUnderTest(.postgres)
    var random = Random(seed: seed)
    for _ in 0..<3 {
      #expect(try await memory.join() == postgres.join())
    }
    _ = await memory.perform(.lease(.leave(incarnation: 3)))
    _ = await postgres.perform(.lease(.leave(incarnation: 3)))
    var kinds: [String: Int] = [:]
    for step in 0..<500 {
      let one: Answer
      let other: Answer
      let what: String
      if random.chance(12) {
        let query = random.query()
        what = "\(query)"
        (one, other) = (await memory.all(of: query), await postgres.all(of: query))
      } else {
        let write = random.write { memory.memory?.row($0) }
        what = "\(write)"
        (one, other) = (await memory.perform(write), await postgres.perform(write))
      }
      kinds[one.kind, default: 0] += 1
      try #require(
        one.agrees(with: other),
        "step \(step) of seed \(seed): \(what): \(one), \(other)")
    }
    for id in random.ids { #expect(await memory.row(id) == postgres.row(id)) }
    // What the seed reached, so that the test does not compare refusals alone.
    for kind in [
      "applied", "inserted", "exists", "registered", "taken", "untaken", "deposed", "page",
    ] {
      #expect(kinds[kind, default: 0] > 0, "no \(kind) in seed \(seed): \(kinds)")
    }
  }
}

extension StoreUnderTest {
  /// The answer; of a takeover all pages, since a store may go on where the last page ended before
  /// it looks from the start.
  fileprivate func all(of query: Query) async -> Answer {
    guard case .sweep(.takeOver) = query else { return await perform(query) }
    var rows: [TakenRow] = []
    while case .sweep(.page(let page)) = await perform(query), !page.isEmpty { rows += page }
    return .sweep(.page(rows.sorted { $0.row.id < $1.row.id }))
  }
}

extension Answer {
  /// The case's name.
  fileprivate var kind: String {
    let answer: Any =
      switch self {
      case .insert(let answer): answer
      case .register(let answer): answer
      case .take(let answer): answer
      case .update(let answer): answer
      case .get(let answer): answer
      case .list(let answer): answer
      case .sweep(let answer): answer
      case .completion(let answer): answer
      case .lease(let answer): answer
      }
    return String("\(answer)".prefix { $0.isLetter })
  }

  /// Without what each store tells by its own clock.
  fileprivate var comparable: Answer {
    guard case .sweep(.page(let page)) = self else { return self }
    return .sweep(
      .page(page.map { TakenRow(row: $0.row, driverGoneAt: Instant(milliseconds: 0)) }))
  }

  /// Both say the same; a failure is told in each store's own words.
  fileprivate func agrees(with other: Answer) -> Bool {
    isFailure ? other.isFailure : comparable == other.comparable
  }
}

/// Writes that meet each other often: few ids, owners, fences and states.
private struct Random {
  private var generator: SeededGenerator
  let ids = (0..<12).map { "t\($0)" }

  init(seed: UInt64) { generator = SeededGenerator(seed: seed) }

  mutating func next(_ bound: Int) -> Int { generator.below(bound) }
  mutating func chance(_ percent: Int) -> Bool { generator.chance(percent) }
  mutating func pick<T>(_ choices: [T]) -> T { generator.pick(choices) }

  mutating func owner() -> Int64 { pick([1, 2, 3]) }

  mutating func deadline() -> Instant { chance(25) ? Sample.past : Sample.later }

  mutating func reason() -> ReasonRecord {
    ReasonRecord(
      cause: pick([.requested, .refused, .exhausted, .deadline]),
      branch: chance(50) ? next(3) : nil, text: "because")
  }

  mutating func branches() -> [BranchRecord] {
    (0..<next(4)).map { _ in
      Sample.branch(
        "b\(next(6))", level: UInt32(next(3)), mode: pick([.saga, .saga, .tcc]),
        role: pick([.ordinary, .ordinary, .mustSucceed, .calledByCaller]),
        definition: [UInt8(next(2))])
    }
  }

  mutating func stateOf() -> Transaction.State {
    pick([
      .active, .executing(.start), .executing(.commit), .executing(.commit), .prepared,
      .committing, .rollingBack, .rollingBack, .committed, .rolledBack,
    ])
  }

  /// Mostly a point that keeps the constraints.
  mutating func point() -> PointRecord {
    let state = stateOf()
    var point = PointRecord(state: state)
    if state.decision == .rollback || chance(2) { point.reason = reason() }
    if chance(10) { point.reason = nil }
    if state.hasEnded != chance(2) { point.endedAt = Sample.created }
    if chance(20) {
      point.attention = AttentionRecord(cause: .attempts, branch: next(3), text: "look")
    }
    point.paused = chance(20)
    if chance(20), !state.hasEnded { point.due = chance(50) ? Sample.past : Sample.later }
    if chance(60) {
      point.outcomes = (0..<next(4)).map { _ in
        OutcomeRecord(
          phaseOne: pick([.untouched, .done, .refused, .unknown]),
          phaseTwo: pick([.none, .pending, .done, .stated]), attempts: UInt32(next(9)),
          landsUntil: chance(30) ? Sample.created : nil, nextAt: chance(30) ? Sample.later : nil,
          reply: chance(40) ? [UInt8(next(256))] : nil, replyOmitted: chance(20),
          error: chance(30) ? "error \(next(9))" : "")
      }
    }
    return point
  }

  /// - Parameter known: the row as it is: some updates are meant for it
  mutating func write(known: (String) -> StoredTransaction?) -> Write {
    let id = pick(ids)
    switch next(10) {
    case 0...1:
      return .insert(
        NewTransaction(
          id: id, contentHash: [UInt8(next(2))], deadline: deadline(),
          createdAt: Sample.created, owner: nil, point: PointRecord(state: .active),
          branches: branches(), completion: chance(40) ? [2] : nil))
    case 2:
      return .insert(
        NewTransaction(
          id: id, contentHash: [UInt8(next(2))], deadline: deadline(),
          createdAt: Sample.created, owner: owner(), point: point(), branches: branches(),
          completion: chance(40) ? [1] : nil))
    case 3...4:
      return .register(id: id, branches: branches(), branchesMax: 5)
    case 5:
      let verb: Take.Verb = pick([.commit, .start, .rollback(reason())])
      return .take(Take(id: id, verb: verb, owner: owner()))
    default:
      var update = Update(
        id: id, owner: owner(), fence: pick([1, 1, 1, 2, 3]), from: stateOf(), point: point(),
        needsDeadlineAhead: chance(20))
      if chance(40), let row = known(id), let owner = row.owner {
        update.owner = owner
        update.fence = row.fence
        update.from = row.point.state
      }
      return .update(update)
    }
  }

  mutating func query() -> Query {
    switch next(8) {
    case 6:
      .completion(
        .claim(
          now: chance(80) ? Sample.later : Sample.past,
          until: chance(50) ? Sample.created : Sample.later, limit: next(4)))
    case 7:
      .completion(
        .settle(
          CompletionReport(
            id: pick(ids), attempt: UInt32(1 + next(2)),
            outcome: pick([
              .taken(at: Sample.created), .failed("no", again: Sample.created),
              .postponed(to: Sample.created),
            ]))))
    case 0: .get(id: pick(ids))
    case 1: .list(ListFilter(states: [stateOf()], needsAttention: chance(20)))
    case 2: .sweep(.takeOver(owner: pick([1, 2, 3]), limit: 100))
    case 3: .sweep(.due(owner: owner(), before: .current, limit: 100))
    case 4: .sweep(.expire(owner: pick([1, 2, 3]), limit: 100))
    default:
      .sweep(
        .removeFinished(
          retention: .milliseconds(1000),
          idRetention: .seconds(chance(20) ? 10 : 1_000_000_000), limit: 100))
    }
  }
}
