import Mode
import StoreTesting
import Testing

@testable import Store

/// What every store answers to the sweeps, and who is alive.
@Suite struct SweepConformanceTests {
  @Test(arguments: StoreKind.allCases)
  func aLeaseIsRenewedUntilItIsDeclaredDead(kind: StoreKind) async throws {
    let store = try StoreUnderTest(kind)
    let living = try await store.join()
    let late = try await store.join(lease: .seconds(-60))
    let renewedLate = try await store.join(lease: .seconds(-60))
    #expect(living < late && late < renewedLate)
    // Past its lease, but nobody noticed.
    guard case .held = await store.perform(.renew(incarnation: renewedLate, lease: .seconds(60)))
    else {
      Issue.record("a lease that nobody declared dead can be renewed")
      return
    }
    #expect(await store.perform(.declareDead) == .count(1))
    #expect(await store.perform(.declareDead) == .count(0))
    #expect(await store.perform(.renew(incarnation: late, lease: .seconds(60))) == .notHeld)
    #expect(await store.perform(.renew(incarnation: 999, lease: .seconds(60))) == .notHeld)
    for _ in 0..<2 { #expect(await store.perform(.leave(incarnation: living)) == .notHeld) }
    #expect(await store.perform(.renew(incarnation: living, lease: .seconds(60))) == .notHeld)
  }

  @Test(arguments: StoreKind.allCases)
  func whatTheDeadDroveIsTakenOver(kind: StoreKind) async throws {
    let store = try StoreUnderTest(kind)
    let old = try await store.join()
    let other = try await store.join()
    let new = try await store.join()
    let parked = PointRecord(state: .prepared, due: Sample.later)
    _ = await store.perform(Sample.execute("dead", owner: old))
    _ = await store.perform(Sample.execute("parked", owner: old, point: parked))
    _ = await store.perform(Sample.execute("ended", owner: old, point: Sample.committed))
    _ = await store.perform(Sample.execute("living", owner: other))
    _ = await store.perform(Sample.execute("absent", owner: 999))
    _ = await store.perform(Sample.execute("own", owner: new))
    _ = await store.perform(Sample.begin("active"))
    let first = try await store.page(.takeOver(owner: new, limit: 100))
    #expect(first.map(\.id) == ["absent"])
    _ = await store.perform(.leave(incarnation: old))
    let page = try await store.page(.takeOver(owner: new, limit: 100))
    #expect(page.map(\.id) == ["dead", "parked"])
    for row in page {
      #expect(row.owner == new)
      #expect(row.fence == 2)
      #expect(row.writtenBy == old)
      #expect(row.branches.map(\.id) == ["a", "b"])
      #expect(await store.row(row.id) == row)
    }
    #expect(page[1].point.due == Sample.later)
    #expect(try await store.page(.takeOver(owner: new, limit: 100)).isEmpty)
    // A late write of the deposed changes nothing.
    #expect(
      await store.perform(Sample.update("dead", owner: old, to: Sample.committed))
        == .deposed(page[0]))
    #expect(
      await store.perform(Sample.update("dead", owner: new, fence: 2, to: Sample.committed))
        == .applied)
  }

  @Test(arguments: StoreKind.allCases)
  func aTakeoverGoesPageByPageAndTheDeadTakeNothing(kind: StoreKind) async throws {
    let store = try StoreUnderTest(kind)
    let new = try await store.join()
    let dead = try await store.join()
    _ = await store.perform(.leave(incarnation: dead))
    for number in 0..<25 {
      _ = await store.perform(Sample.execute("t\(number)", owner: 999))
    }
    #expect(try await store.page(.takeOver(owner: dead, limit: 10)).isEmpty)
    #expect(try await store.page(.takeOver(owner: 888, limit: 10)).isEmpty)
    var sizes: [Int] = []
    for _ in 0..<4 { sizes.append(try await store.page(.takeOver(owner: new, limit: 10)).count) }
    #expect(sizes == [10, 10, 5, 0])
  }

  @Test(arguments: StoreKind.allCases)
  func callsOfTheDeadEndedWithTheirLeaseOrTheLoad(kind: StoreKind) async throws {
    let store = try StoreUnderTest(kind)
    let old = try await store.join(lease: .seconds(-60))
    let new = try await store.join()
    _ = await store.perform(Sample.execute("t", owner: old))
    _ = await store.perform(.declareDead)
    let before = store.memory?.now ?? .current
    let answer = await store.perform(.takeOver(owner: new, limit: 1))
    guard case .page(let page) = answer else {
      Issue.record("\(answer)")
      return
    }
    #expect(page.count == 1)
    #expect(page.allSatisfy { $0.driverGoneAt + .seconds(5) >= before })
  }

  @Test(arguments: StoreKind.allCases)
  func whatIsActivePastItsDeadlineRollsBack(kind: StoreKind) async throws {
    let store = try StoreUnderTest(kind)
    let owner = try await store.join()
    let branches = [Sample.branch("b"), Sample.branch("a")]
    _ = await store.perform(Sample.begin("late", deadline: Sample.past, branches: branches))
    _ = await store.perform(Sample.begin("early", branches: branches))
    _ = await store.perform(Sample.execute("driven", owner: owner, deadline: Sample.past))
    let page = try await store.page(.expire(owner: owner, limit: 10))
    #expect(page.map(\.id) == ["late"])
    #expect(page.first?.point.state == .rollingBack)
    #expect(page.first?.point.reason == .deadline)
    #expect(page.first?.owner == owner)
    #expect(page.first?.writtenBy == owner)
    #expect(page.first?.fence == 1)
    #expect(page.first?.branches == branches)
    #expect(try await store.page(.expire(owner: owner, limit: 10)).isEmpty)
    #expect(await store.row("early")?.point.state == .active)
  }

  @Test(arguments: StoreKind.allCases)
  func whatIsParkedComesBackOnce(kind: StoreKind) async throws {
    let store = try StoreUnderTest(kind)
    func park(_ id: String, owner: Int64, _ due: Int64) async {
      let point = PointRecord(
        state: .prepared, due: Instant(milliseconds: due), outcomes: [OutcomeRecord()])
      _ = await store.perform(
        Sample.execute(id, owner: owner, point: point, branches: [Sample.branch("a")]))
    }
    await park("a", owner: 1, 1_000_000)
    await park("b", owner: 1, 2_000_000)
    await park("c", owner: 1, 3_000_000)
    await park("d", owner: 2, 1_000_000)
    let before = Instant(milliseconds: 2_000_001)
    let page = try await store.page(.due(owner: 1, before: before, limit: 10))
    #expect(page.map(\.id) == ["a", "b"])
    #expect(page.allSatisfy { $0.point.due == nil && $0.fence == 1 && $0.branchCount == 1 })
    #expect(try await store.page(.due(owner: 1, before: before, limit: 10)).isEmpty)
    #expect(await store.row("c")?.point.due == Instant(milliseconds: 3_000_000))
  }

  @Test(arguments: StoreKind.allCases)
  func whatEndedLongAgoKeepsItsEndAndThenGoes(kind: StoreKind) async throws {
    let store = try StoreUnderTest(kind)
    let now = store.memory?.now ?? .current
    func end(_ id: String, ago: Int64) async {
      let point = PointRecord(
        state: .rolledBack, reason: Sample.refused,
        endedAt: Instant(milliseconds: now.milliseconds - ago),
        outcomes: [OutcomeRecord(phaseOne: .done, reply: [1])])
      _ = await store.perform(
        Sample.execute(id, owner: 1, hash: [4], point: point, branches: [Sample.branch("a")]))
    }
    await end("young", ago: 1_000_000)
    await end("old", ago: 3_000_000)
    await end("ancient", ago: 9_000_000)
    _ = await store.perform(Sample.execute("running", owner: 1))
    let sweep = SweepQuery.removeFinished(
      retention: .milliseconds(2_000_000), idRetention: .milliseconds(6_000_000), limit: 10)
    #expect(await store.perform(sweep) == .count(3))
    #expect(await store.perform(sweep) == .count(0))
    #expect(await store.row("young")?.removed == false)
    #expect(await store.row("young")?.branches.count == 1)
    #expect(await store.row("running")?.branches.count == 2)
    #expect(await store.row("ancient") == nil)
    let old = try #require(await store.row("old"))
    #expect(old.removed)
    #expect(old.contentHash == [4])
    #expect(old.point.state == .rolledBack)
    #expect(old.point.reason == Sample.refused)
    #expect(old.point.outcomes.isEmpty && old.branches.isEmpty && old.branchCount == 0)
    // A late repeat meets the old end.
    #expect(await store.perform(Sample.execute("old", owner: 1, hash: [4])) == .exists(old))
  }
}
