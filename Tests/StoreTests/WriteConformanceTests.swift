import Mode
import Testing

@testable import Store

/// What every store answers to inserts, registrations and takes.
@Suite struct WriteConformanceTests {
  // MARK: Insert

  @Test(arguments: StoreKind.allCases)
  func whatIsInsertedIsRead(kind: StoreKind) async throws {
    let store = try StoreUnderTest(kind)
    let branches = [
      Sample.branch("z", level: 3, mode: .tcc, role: .calledByCaller, definition: []),
      Sample.branch("a", level: 99_999, role: .mustSucceed, definition: [0, 255, 39]),
    ]
    #expect(await store.perform(Sample.begin("t1", hash: [9, 0], branches: branches)) == .inserted)
    #expect(
      await store.row("t1")
        == StoredTransaction(
          id: "t1", contentHash: [9, 0], deadline: Sample.later, createdAt: Sample.created,
          owner: nil, fence: 0, point: PointRecord(state: .active), branches: branches,
          branchCount: 2))
    #expect(await store.row("t2") == nil)
  }

  @Test(arguments: StoreKind.allCases)
  func executeInsertsADrivenTransactionInAnyLaterState(kind: StoreKind) async throws {
    let store = try StoreUnderTest(kind)
    #expect(await store.perform(Sample.execute("t", owner: 7)) == .inserted)
    let row = await store.row("t")
    #expect(row?.owner == 7)
    #expect(row?.fence == 1)
    #expect(row?.writtenBy == 7)
    #expect(row?.point.state == .executing(.commit))
    #expect(row?.intent == .commit)
    let done = PointRecord(
      state: .committed, endedAt: Sample.created, outcomes: [OutcomeRecord(phaseOne: .done)])
    #expect(
      await store.perform(
        Sample.execute("u", owner: 7, point: done, branches: [Sample.branch("a")])) == .inserted)
    #expect(await store.row("u")?.point == done)
  }

  @Test(arguments: StoreKind.allCases)
  func anInsertRepeatedIsAppliedAndAnotherOfTheIDConflicts(kind: StoreKind) async throws {
    let store = try StoreUnderTest(kind)
    let first = Sample.begin("t", branches: [Sample.branch("a")])
    #expect(await store.perform(first) == .inserted)
    #expect(await store.perform(first) == .inserted)
    let row = try #require(await store.row("t"))
    let other = Sample.begin("t", hash: [2], branches: [Sample.branch("b"), Sample.branch("c")])
    #expect(await store.perform(other) == .exists(row))
    let another = Sample.begin("t", createdAt: Sample.later, branches: [Sample.branch("a")])
    #expect(await store.perform(another) == .exists(row))
    #expect(await store.perform(Sample.execute("t", owner: 1)) == .exists(row))
    #expect(await store.row("t") == row)
  }

  @Test(arguments: StoreKind.allCases)
  func anInsertRepeatedAfterTheRowWentOnConflicts(kind: StoreKind) async throws {
    let store = try StoreUnderTest(kind)
    let first = Sample.execute("t", owner: 1)
    #expect(await store.perform(first) == .inserted)
    #expect(await store.perform(first) == .inserted)
    _ = await store.perform(Sample.update("t", owner: 1, to: Sample.committed))
    let row = try #require(await store.row("t"))
    #expect(await store.perform(first) == .exists(row))
  }

  @Test(arguments: StoreKind.allCases)
  func theSameIDTwiceAtOnceIsOneInsertAndOneConflict(kind: StoreKind) async throws {
    let store = try StoreUnderTest(kind)
    for round in 0..<20 {
      let id = "t\(round)"
      let answers = await store.perform(together: [
        Sample.begin("a\(round)"),
        Sample.begin(id, hash: [1], branches: [Sample.branch("x")]),
        Sample.begin(id, hash: [2], branches: [Sample.branch("y")]),
        Sample.begin("b\(round)"),
      ])
      let row = try #require(await store.row(id))
      #expect(row.contentHash == [1])
      #expect(row.branches.map(\.id) == ["x"])
      #expect(answers == [.inserted, .inserted, .exists(row), .inserted])
    }
  }

  @Test(arguments: StoreKind.allCases)
  func aBadItemFailsAlone(kind: StoreKind) async throws {
    let store = try StoreUnderTest(kind)
    let long = String(repeating: "x", count: 129)
    let answers = await store.perform(together: [
      Sample.begin("a"), Sample.begin(long), Sample.begin(""),
      Sample.execute("b", owner: 1, point: PointRecord(state: .rollingBack)),
      Sample.begin("c", branches: [Sample.branch("same"), Sample.branch("same")]),
      Sample.begin("d", branches: [Sample.branch("x", level: 100_000)]),
      Sample.begin("e"),
    ])
    for (answer, isGood) in zip(answers, [true, false, false, false, false, false, true]) {
      if isGood {
        #expect(answer == .inserted)
      } else {
        #expect(answer.isFailure, "\(answer)")
      }
    }
    for id in ["a", "e"] { #expect(await store.row(id) != nil) }
    for id in [long, "", "b", "c", "d"] { #expect(await store.row(id) == nil) }
  }

  // MARK: Register

  @Test(arguments: StoreKind.allCases)
  func branchesAreRegisteredInOrderAndOnce(kind: StoreKind) async throws {
    let store = try StoreUnderTest(kind)
    _ = await store.perform(Sample.begin("t", branches: [Sample.branch("m")]))
    func register(_ ids: [String], max: Int = 10) async -> Answer {
      await store.perform(
        .register(id: "t", branches: ids.map { Sample.branch($0) }, branchesMax: max))
    }
    #expect(await register(["z", "a"]) == .registered(branchCount: 3))
    #expect(await register(["z", "a"]) == .registered(branchCount: 3))
    #expect(await register(["q", "a", "b"]) == .registered(branchCount: 5))
    #expect(await register([]) == .registered(branchCount: 5))
    #expect(await register(["r", "s"], max: 6) == .register(.tooManyBranches(count: 7)))
    #expect(await register(["r"], max: 6) == .registered(branchCount: 6))
    let row = await store.row("t")
    #expect(row?.branches.map(\.id) == ["m", "z", "a", "q", "b", "r"])
    #expect(row?.branchCount == 6)
  }

  @Test(arguments: StoreKind.allCases)
  func branchesOfATransactionHaveABoundInBytes(kind: StoreKind) async throws {
    let store = try StoreUnderTest(kind)
    let third = [UInt8](repeating: 7, count: Write.branchBytesMax / 3)
    func register(_ ids: [String]) async -> Answer {
      await store.perform(
        .register(
          id: "t", branches: ids.map { Sample.branch($0, definition: third) }, branchesMax: 10))
    }
    _ = await store.perform(Sample.begin("t"))
    #expect(await register(["a", "b"]) == .registered(branchCount: 2))
    #expect(await register(["c", "d"]) == .register(.branchesTooLarge(bytes: 4 * third.count)))
    #expect(await register(["c"]) == .registered(branchCount: 3))
    #expect(await store.row("t")?.branches.map(\.definition) == [third, third, third])
  }

  @Test(arguments: StoreKind.allCases)
  func branchesThatMustSucceedStandAboveTheOthersWhereverTheyCameFrom(
    kind: StoreKind
  ) async throws {
    let store = try StoreUnderTest(kind)
    for (id, level, isTaken) in [("low", UInt32(2), false), ("high", 4, true)] {
      _ = await store.perform(Sample.begin(id, branches: [Sample.branch("a", level: 1)]))
      for branch in [
        Sample.branch("m", level: level, role: .mustSucceed), Sample.branch("b", level: 3),
      ] {
        _ = await store.perform(.register(id: id, branches: [branch], branchesMax: 9))
      }
      let answer = await store.perform(.take(Take(id: id, verb: .commit, owner: 1)))
      let row = try #require(await store.row(id))
      #expect(answer == (isTaken ? .taken(row) : .untaken(row)))
      #expect(row.point.state == (isTaken ? .executing(.commit) : .active))
    }
  }

  @Test(arguments: StoreKind.allCases)
  func anotherDefinitionOfABranchConflictsAndRegistersNothing(kind: StoreKind) async throws {
    let store = try StoreUnderTest(kind)
    _ = await store.perform(Sample.begin("t", branches: [Sample.branch("a")]))
    let answer = await store.perform(
      .register(
        id: "t", branches: [Sample.branch("new"), Sample.branch("a", definition: [0])],
        branchesMax: 10))
    #expect(answer == .register(.branchConflict(branch: "a")))
    #expect(await store.row("t")?.branches.map(\.id) == ["a"])
  }

  @Test(arguments: StoreKind.allCases)
  func aNewBranchNeedsAnActiveTransactionAndAKnownOneDoesNot(kind: StoreKind) async throws {
    let store = try StoreUnderTest(kind)
    _ = await store.perform(Sample.execute("t", owner: 1))
    func register(_ id: String, _ branches: [String]) async -> Answer {
      await store.perform(
        .register(id: id, branches: branches.map { Sample.branch($0) }, branchesMax: 10))
    }
    #expect(await register("t", ["b"]) == .registered(branchCount: 2))
    #expect(await register("t", ["b", "c"]) == .register(.notActive(.executing(.commit))))
    #expect(await register("nowhere", ["b"]) == .register(.absent))
    #expect(await store.row("t")?.branchCount == 2)
  }

  @Test(arguments: StoreKind.allCases)
  func manyRegistrationsAtOnceLeaveNoGap(kind: StoreKind) async throws {
    let store = try StoreUnderTest(kind)
    var writes: [Write] = []
    for number in 0..<30 { _ = await store.perform(Sample.begin("t\(number)")) }
    for round in 0..<4 {
      for number in 0..<30 {
        let branches = (0...number).map { Sample.branch("b\(round).\($0)") }
        writes.append(.register(id: "t\(number)", branches: branches, branchesMax: 1000))
      }
    }
    let answers = await store.perform(together: writes)
    for (number, answer) in answers.enumerated() {
      #expect(answer == .registered(branchCount: (number / 30 + 1) * (number % 30 + 1)))
    }
  }
}
