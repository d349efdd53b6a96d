import Mode
import Postgres
import PostgresTesting
import Support
import Testing

@testable import Store

/// What becomes of a write whose connection is lost on the way: with every kind of write, before
/// the request arrived and after its COMMIT.
@Suite struct LostConnectionTests {
  private let database: TestDatabase
  private let proxy: SeveringProxy
  private let store: StoreUnderTest

  init() throws {
    database = try MigratedDatabase.make("lost")
    proxy = try SeveringProxy(for: database)
    store = try StoreUnderTest(database, .forTests(url: proxy.url))
  }

  /// The answer to a write whose connection is cut, after `meanwhile` happened with nobody let in.
  private func answer(
    to write: Write, cut: SeveringProxy.Cut, meanwhile: () async throws -> Void = {}
  ) async throws -> Answer {
    // The writer is connected once it has written.
    _ = await store.perform(Sample.begin("first"))
    let cuts = proxy.cuts
    proxy.hold()
    proxy.cutNext(cut, of: "writer")
    let ticket = try #require(store.submit(write))
    #expect(await eventually { proxy.cuts > cuts })
    try await meanwhile()
    proxy.release()
    return await store.answer(to: ticket)
  }

  @Test(arguments: [SeveringProxy.Cut.beforeRequest, .afterReply])
  func everyWriteTakesEffectOnceAndIsAnsweredSo(cut: SeveringProxy.Cut) async throws {
    #expect(
      try await answer(
        to: Sample.begin("t", branches: [Sample.branch("a"), Sample.branch("b")]), cut: cut)
        == .inserted)
    #expect(
      try await answer(
        to: .register(
          id: "t", branches: [Sample.branch("b"), Sample.branch("c")], branchesMax: 3), cut: cut)
        == .registered(branchCount: 3))
    let taken = try await answer(
      to: .take(Take(id: "t", verb: .commit, owner: 4)), cut: cut)
    let row = try #require(await store.row("t"))
    #expect(taken == .taken(row))
    #expect(row.fence == 1)
    #expect(row.branches.map(\.id) == ["a", "b", "c"])
    #expect(
      try await answer(
        to: Sample.update("t", owner: 4, to: Sample.committed, needsDeadlineAhead: true),
        cut: cut) == .applied)
    #expect(await store.row("t")?.point == Sample.committed)
    #expect(
      try await answer(to: Sample.execute("u", owner: 4), cut: cut) == .inserted)
    #expect(store.postgres?.statistics.lostSessions == 5)
  }

  @Test func aTakeoverAfterALostCommitDeposesAndOneBeforeItToo() async throws {
    let other = try database.connect()
    let join = "INSERT INTO caravan.coordinator VALUES (9, 'n', 'a', now() + '1 hour', false)"
    try other.run(join)
    for (id, cut) in [("t", SeveringProxy.Cut.afterReply), ("u", .beforeRequest)] {
      _ = await store.perform(Sample.execute(id, owner: 4))
      let answer = try await answer(
        to: Sample.update(id, owner: 4, to: PointRecord(state: .committing)), cut: cut
      ) {
        let page = try other.execute(
          TransactionSQL.takeOver(
            Parameter(Int64(9)), Parameter(Int64(10)), Parameter(Timestamp.distantPast)))
        #expect(page.count == 1)
      }
      let row = try #require(await store.row(id))
      // After a lost COMMIT the decision stands, and the other drives it on.
      #expect(row.point.state == (cut == .afterReply ? .committing : .executing(.commit)))
      #expect(row.owner == 9)
      #expect(answer == .deposed(row))
    }
  }

  @Test func anotherInsertOfTheIDInBetweenConflicts() async throws {
    let direct = try StoreUnderTest(database, .forTests(url: database.url))
    let other = Sample.begin("t", hash: [2])
    let answer = try await answer(to: Sample.begin("t", hash: [1]), cut: .beforeRequest) {
      #expect(await direct.perform(other) == .inserted)
    }
    let row = try #require(await store.row("t"))
    #expect(row.contentHash == [2])
    #expect(answer == .exists(row))
  }

  /// Its requests are BEGIN, the page, its rows, COMMIT.
  @Test(arguments: [SeveringProxy.Cut.beforeRequest, .afterReply], 0...3)
  func aPageIsAnsweredWhereverItsConnectionIsLost(
    cut: SeveringProxy.Cut, request: Int
  ) async throws {
    let old = try await store.join()
    let new = try await store.join()
    for number in 0..<3 { _ = await store.perform(Sample.execute("t\(number)", owner: old)) }
    _ = await store.perform(.leave(incarnation: old))
    _ = await store.perform(.due(owner: new, before: Sample.later, limit: 1))
    for count in [2, 1] {
      proxy.cutNext(cut, of: "sweep", skipping: request)
      let page = try await store.page(.takeOver(owner: new, limit: 2))
      #expect(page.count == count)
      for row in page { #expect(row.owner == new && row.fence == 2 && row.branchCount == 2) }
    }
    var owners: [Int64?] = []
    for number in 0..<3 { owners.append(await store.row("t\(number)")?.owner) }
    #expect(owners == [new, new, new])
  }

  @Test func whileTheDatabaseIsAwayWritesWaitAndThenFail() async throws {
    let impatient = try StoreUnderTest(
      database, .forTests(url: proxy.url, answerBound: .milliseconds(300), connectSeconds: 2))
    _ = await impatient.perform(Sample.execute("t", owner: 4))
    proxy.hold()
    proxy.cutNext(.beforeRequest, of: "writer")
    for write in [Sample.update("t", owner: 4, to: Sample.committed), Sample.begin("u")] {
      let answer = await impatient.perform(write)
      #expect(answer.isFailure, "answered without a database: \(answer)")
    }
    proxy.release()
    // Whoever asks again is served once it is back.
    let isBack = await eventually {
      await impatient.perform(Sample.update("t", owner: 4, to: Sample.committed)) == .applied
    }
    #expect(isBack)
    #expect(await impatient.row("t")?.point.state == .committed)
  }

  @Test func aServerThatDiesUnderLoadLosesNothingAcknowledged() async throws {
    let terminate = Statement(
      "terminate",
      """
      SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
      WHERE application_name LIKE 'caravan writer%' AND datname = current_database()
      """)
    let killer = try database.connect()
    for round in 0..<10 {
      async let answers = store.perform(
        together: (0..<200).map { Sample.execute("t\(round).\($0)", owner: 4) })
      _ = try killer.execute(terminate())
      #expect(await answers.allSatisfy { $0 == .inserted })
    }
    let count = Statement(
      "count",
      "SELECT count(*), (SELECT count(*) FROM caravan.branches) FROM caravan.transaction")
    let counted = try killer.execute(count())[0]
    #expect(try counted.value(0) == Int64(2000))
    #expect(try counted.value(1) == Int64(4000))
  }
}
