import Mode
import Postgres
import PostgresTesting
import StoreTesting
import Testing

@testable import Store

/// What every store answers to the points of a transaction that is driven.
@Suite struct UpdateConformanceTests {
  private let full = PointRecord(
    state: .rollingBack, reason: Sample.refused,
    attention: AttentionRecord(cause: .attempts, branch: 1, text: "ten attempts"),
    paused: true, due: Sample.later,
    outcomes: [
      OutcomeRecord(phaseOne: .done, phaseTwo: .pending, attempts: 3, reply: [1, 0, 2]),
      OutcomeRecord(
        phaseOne: .unknown, phaseTwo: .none, landsUntil: Sample.created, nextAt: Sample.later,
        replyOmitted: true, error: "no 'answer'"),
    ])

  @Test(arguments: StoreKind.allCases)
  func aPointIsReadAsItWasWritten(kind: StoreKind) async throws {
    let store = try StoreUnderTest(kind)
    let bare = PointRecord(state: .prepared, outcomes: [OutcomeRecord(), OutcomeRecord()])
    _ = await store.perform(Sample.execute("t", owner: 3))
    _ = await store.perform(Sample.execute("u", owner: 3))
    _ = await store.perform(Sample.execute("v", owner: 3))
    let answers = await store.perform(together: [
      Sample.update("t", owner: 3, to: full), Sample.update("u", owner: 3, to: bare),
      Sample.update("v", owner: 3, to: Sample.committed),
    ])
    #expect(answers == [.applied, .applied, .applied])
    #expect(await store.row("t")?.point == full)
    #expect(await store.row("u")?.point == bare)
    #expect(await store.row("v")?.point == Sample.committed)
  }

  @Test(arguments: StoreKind.allCases)
  func aPointThatSaysNothingOfBranchesKeepsWhatIsKnown(kind: StoreKind) async throws {
    let store = try StoreUnderTest(kind)
    _ = await store.perform(Sample.execute("t", owner: 3))
    _ = await store.perform(Sample.update("t", owner: 3, to: full))
    let plain = PointRecord(state: .rollingBack)
    #expect(
      await store.perform(Sample.update("t", owner: 3, from: .rollingBack, to: plain)) == .applied)
    var expected = full
    expected.attention = nil
    expected.paused = false
    expected.due = nil
    #expect(await store.row("t")?.point == expected)
    let end = PointRecord(state: .rolledBack, endedAt: Sample.created)
    #expect(
      await store.perform(Sample.update("t", owner: 3, from: .rollingBack, to: end)) == .applied)
    #expect(await store.row("t")?.point.reason == Sample.refused)
    #expect(await store.row("t")?.point.outcomes == full.outcomes)
    #expect(await store.row("t")?.point.endedAt == Sample.created)
  }

  @Test(arguments: StoreKind.allCases)
  func theIntentStaysWhenTheStateGoesOn(kind: StoreKind) async throws {
    let store = try StoreUnderTest(kind)
    let starting = PointRecord(state: .executing(.start))
    _ = await store.perform(Sample.execute("t", owner: 3, point: starting))
    let prepared = PointRecord(state: .prepared)
    #expect(
      await store.perform(Sample.update("t", owner: 3, from: .executing(.start), to: prepared))
        == .applied)
    #expect(await store.row("t")?.intent == .start)
    // Commit while a Start executes, in another transaction.
    _ = await store.perform(Sample.execute("u", owner: 3, point: starting))
    let committing = PointRecord(state: .executing(.commit))
    let commit = Sample.update("u", owner: 3, from: .executing(.start), to: committing)
    #expect(await store.perform(commit) == .applied)
    #expect(await store.perform(commit) == .applied)
    #expect(await store.row("u")?.intent == .commit)
    let late = Sample.update("u", owner: 3, from: .executing(.start), to: prepared)
    let row = try #require(await store.row("u"))
    #expect(await store.perform(late) == .deposed(row))
  }

  @Test(arguments: StoreKind.allCases)
  func onlyTheOwnerUnderItsFenceWrites(kind: StoreKind) async throws {
    let store = try StoreUnderTest(kind)
    _ = await store.perform(Sample.execute("t", owner: 3))
    let row = try #require(await store.row("t"))
    for (owner, fence) in [(4, 1), (3, 2), (3, 0)] as [(Int64, Int64)] {
      let write = Sample.update("t", owner: owner, fence: fence, to: Sample.committed)
      #expect(await store.perform(write) == .deposed(row))
    }
    #expect(
      await store.perform(Sample.update("nowhere", owner: 3, to: Sample.committed))
        == .deposed(nil))
    #expect(await store.row("t") == row)
  }

  @Test(arguments: StoreKind.allCases)
  func anEndIsNeverLeft(kind: StoreKind) async throws {
    let store = try StoreUnderTest(kind)
    _ = await store.perform(Sample.execute("t", owner: 3))
    let end = Sample.update("t", owner: 3, to: Sample.committed)
    #expect(await store.perform(end) == .applied)
    #expect(await store.perform(end) == .applied)
    let row = try #require(await store.row("t"))
    let back = PointRecord(
      state: .rolledBack, reason: Sample.refused, endedAt: Sample.created)
    #expect(await store.perform(Sample.update("t", owner: 3, to: back)) == .deposed(row))
    for from in [Transaction.State.committed, .executing(.commit)] {
      let again = PointRecord(state: .executing(.commit))
      let answer = await store.perform(Sample.update("t", owner: 3, from: from, to: again))
      #expect(answer != .applied)
    }
    #expect(await store.row("t") == row)
  }

  @Test(arguments: StoreKind.allCases)
  func aDecisionIsNeverReversed(kind: StoreKind) async throws {
    let store = try StoreUnderTest(kind)
    let states: [Transaction.State] = [
      .executing(.commit), .prepared, .committing, .rollingBack, .committed, .rolledBack,
    ]
    let allowed: [String] = [
      "22", "23", "24", "25", "26", "27", "33", "34", "35", "36", "37", "44", "46", "55", "57",
    ]
    func point(_ state: Transaction.State) -> PointRecord {
      PointRecord(
        state: state,
        reason: state.decision == .rollback ? Sample.refused : nil,
        endedAt: state.hasEnded ? Sample.created : nil)
    }
    for from in states {
      for to in states {
        let id = "\(StateCode(from).rawValue)\(StateCode(to).rawValue)"
        _ = await store.perform(Sample.execute(id, owner: 3, point: point(from), branches: []))
        let answer = await store.perform(
          Sample.update(id, owner: 3, from: from, to: point(to)))
        #expect((answer == .applied) == allowed.contains(id), "\(id): \(answer)")
        let state = await store.row(id)?.point.state
        #expect(state == (allowed.contains(id) ? to : from))
      }
    }
  }

  @Test(arguments: StoreKind.allCases)
  func theSameStateForAnotherReasonIsNotOurs(kind: StoreKind) async throws {
    let store = try StoreUnderTest(kind)
    _ = await store.perform(Sample.execute("t", owner: 3))
    let refused = Sample.update("t", owner: 3, to: full)
    #expect(await store.perform(refused) == .applied)
    #expect(await store.perform(refused) == .applied)
    var late = full
    late.reason = .deadline
    let row = try #require(await store.row("t"))
    #expect(await store.perform(Sample.update("t", owner: 3, to: late)) == .deposed(row))
  }

  @Test(arguments: StoreKind.allCases)
  func aWriteThatNeedsTheDeadlineAheadSaysThatItPassed(kind: StoreKind) async throws {
    let store = try StoreUnderTest(kind)
    let prepared = PointRecord(state: .prepared)
    _ = await store.perform(
      Sample.execute("t", owner: 3, deadline: Sample.past, point: prepared))
    _ = await store.perform(Sample.execute("u", owner: 3, point: prepared))
    for (id, answer) in [("t", UpdateAnswer.deadlinePassed), ("u", .applied)] {
      let write = Sample.update(
        id, owner: 3, from: .prepared, to: PointRecord(state: .committing),
        needsDeadlineAhead: true)
      #expect(await store.perform(write) == .update(answer))
    }
    #expect(await store.row("t")?.point.state == .prepared)
    // A decision has no deadline.
    let decided = Sample.update("t", owner: 3, from: .prepared, to: Sample.committed)
    #expect(await store.perform(decided) == .applied)
    #expect(await store.perform(decided) == .applied)
  }

  @Test(arguments: StoreKind.allCases)
  func noTextFailsTheUpdateThatCarriesIt(kind: StoreKind) async throws {
    let store = try StoreUnderTest(kind)
    _ = await store.perform(Sample.execute("t", owner: 3, branches: [Sample.branch("a")]))
    let long = String(repeating: "é", count: 2000)
    let point = PointRecord(
      state: .rollingBack, reason: ReasonRecord(cause: .refused, branch: 0, text: long),
      attention: AttentionRecord(cause: .refused, branch: 0, text: "a\u{0}b"),
      outcomes: [OutcomeRecord(error: "\u{0}" + long)])
    #expect(await store.perform(Sample.update("t", owner: 3, to: point)) == .applied)
    let row = await store.row("t")
    #expect(row?.point.reason?.text == String(repeating: "é", count: 512))
    #expect(row?.point.attention?.text == "a\u{FFFD}b")
    #expect(row?.point.outcomes[0].error == "\u{FFFD}" + String(repeating: "é", count: 510))
  }

  @Test(arguments: StoreKind.allCases)
  func notesRideAlongUpToABoundAndAreTheOwnersOnly(kind: StoreKind) async throws {
    let store = try StoreUnderTest(kind)
    _ = await store.perform(Sample.execute("t", owner: 3))
    let notes = (1...60).map { number in
      AttemptNote(
        branch: number % 2, action: .action, attempt: UInt32(number), at: Sample.created,
        text: "refused\u{0}")
    }
    let flag = PointRecord(state: .executing(.commit), paused: true)
    for _ in 0..<6 {
      let write = Sample.update("t", owner: 3, to: flag, notes: notes)
      #expect(await store.perform(write) == .applied)
    }
    _ = await store.perform(Sample.update("t", owner: 4, to: flag, notes: notes))
    let count: Int
    if let memory = store.memory {
      count = memory.notes("t").count
    } else {
      let connection = try #require(store.database).connect()
      let counted = try connection.execute(
        Statement("count", "SELECT count(*) FROM caravan.attempts WHERE branch = 'a'")())
      count = Int(try counted[0].value(0, as: Int64.self)) * 2
    }
    // The bound is checked by statement in PostgreSQL and by note in memory.
    #expect((200...240).contains(count))
  }
}
