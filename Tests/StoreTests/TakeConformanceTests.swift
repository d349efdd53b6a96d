import Mode
import Testing

@testable import Store

/// What every store answers to Commit, Start and Rollback of a transaction that nobody drives.
@Suite struct TakeConformanceTests {
  private func take(_ id: String, _ verb: Take.Verb, owner: Int64 = 5) -> Write {
    .take(Take(id: id, verb: verb, owner: owner))
  }

  @Test(arguments: StoreKind.allCases)
  func commitTakesAnActiveTransactionWithAllItsBranches(kind: StoreKind) async throws {
    let store = try StoreUnderTest(kind)
    _ = await store.perform(Sample.begin("t", branches: [Sample.branch("b")]))
    _ = await store.perform(
      .register(id: "t", branches: [Sample.branch("a")], branchesMax: 10))
    let answer = await store.perform(take("t", .commit))
    let row = try #require(await store.row("t"))
    #expect(answer == .taken(row))
    #expect(row.owner == 5)
    #expect(row.writtenBy == 5)
    #expect(row.fence == 1)
    #expect(row.point == PointRecord(state: .executing(.commit)))
    #expect(row.branches.map(\.id) == ["b", "a"])
  }

  @Test(arguments: StoreKind.allCases)
  func startTakesWithItsIntentAndRollbackWithItsReason(kind: StoreKind) async throws {
    let store = try StoreUnderTest(kind)
    _ = await store.perform(Sample.begin("s"))
    _ = await store.perform(Sample.begin("r", deadline: Sample.past))
    let answers = await store.perform(together: [
      take("s", .start), take("r", .rollback(Sample.refused)), take("nowhere", .commit),
    ])
    let started = try #require(await store.row("s"))
    let rolledBack = try #require(await store.row("r"))
    #expect(answers == [.taken(started), .taken(rolledBack), .take(.absent)])
    #expect(started.point.state == .executing(.start))
    #expect(started.intent == .start)
    #expect(rolledBack.point == PointRecord(state: .rollingBack, reason: Sample.refused))
    #expect(rolledBack.intent == nil)
  }

  @Test(arguments: StoreKind.allCases)
  func commitAndStartNeedTheDeadlineAhead(kind: StoreKind) async throws {
    let store = try StoreUnderTest(kind)
    _ = await store.perform(Sample.begin("t", deadline: Sample.past))
    let row = try #require(await store.row("t"))
    #expect(await store.perform(take("t", .commit)) == .untaken(row))
    #expect(await store.perform(take("t", .start)) == .untaken(row))
  }

  @Test(
    arguments: StoreKind.allCases,
    [(1, 2, true), (2, 2, false), (3, 2, false), (nil, 2, true), (0, nil, true)]
      as [(UInt32?, UInt32?, Bool)])
  func branchesThatMustSucceedStandAboveAllOthers(
    kind: StoreKind, levels: (ordinary: UInt32?, mustSucceed: UInt32?, isTaken: Bool)
  ) async throws {
    let store = try StoreUnderTest(kind)
    var branches: [BranchRecord] = []
    if let level = levels.mustSucceed {
      branches += [
        Sample.branch("last", level: level + 5, role: .mustSucceed),
        Sample.branch("must", level: level, role: .mustSucceed),
      ]
    }
    if let level = levels.ordinary {
      branches += [
        Sample.branch("caller", level: level, role: .calledByCaller), Sample.branch("low"),
      ]
    }
    _ = await store.perform(Sample.begin("t", branches: branches))
    let answer = await store.perform(take("t", .commit))
    let row = try #require(await store.row("t"))
    #expect(answer == (levels.isTaken ? .taken(row) : .untaken(row)))
    if !levels.isTaken {
      guard case .take(.taken) = await store.perform(take("t", .rollback(Sample.refused))) else {
        Issue.record("rollback has no condition")
        return
      }
    }
  }

  @Test(arguments: StoreKind.allCases)
  func aTakeRepeatedIsTakenAndAnyOtherIsNot(kind: StoreKind) async throws {
    let store = try StoreUnderTest(kind)
    _ = await store.perform(Sample.begin("t"))
    _ = await store.perform(take("t", .commit))
    let row = try #require(await store.row("t"))
    #expect(await store.perform(take("t", .commit)) == .taken(row))
    #expect(await store.perform(take("t", .start)) == .untaken(row))
    #expect(await store.perform(take("t", .rollback(Sample.refused))) == .untaken(row))
    #expect(await store.perform(take("t", .commit, owner: 6)) == .untaken(row))
    #expect(await store.row("t") == row)
  }
}
