import Mode
import Testing

@testable import Store

/// What every store keeps of those who are told the end.
@Suite struct CompletionConformanceTests {
  private let early = Instant(milliseconds: Sample.created.milliseconds - 1)
  private let soon = Instant(milliseconds: Sample.created.milliseconds + 1_000)
  private let later = Instant(milliseconds: Sample.created.milliseconds + 60_000)

  private func insert(
    _ id: String, point: PointRecord = PointRecord(state: .executing(.commit)),
    completion: [UInt8]? = [7, 8]
  ) -> Write {
    .insert(
      NewTransaction(
        id: id, contentHash: [1], deadline: Sample.later, createdAt: Sample.created, owner: 1,
        point: point, branches: [Sample.branch("a")], completion: completion))
  }

  private func claim(
    _ store: StoreUnderTest, at now: Instant, limit: Int = 10
  ) async throws -> [StoredTransaction] {
    let answer = await store.perform(.claim(now: now, until: later, limit: limit))
    guard case .claimed(let page) = answer else {
      throw UnexpectedAnswer(answer: .completion(answer))
    }
    return page
  }

  @Test(arguments: StoreKind.allCases)
  func nothingIsDueBeforeTheEnd(kind: StoreKind) async throws {
    let store = try StoreUnderTest(kind)
    #expect(await store.perform(insert("order-1")) == .inserted)
    #expect(await store.row("order-1")?.completion == CompletionRecord(definition: [7, 8]))
    #expect(try await claim(store, at: later).isEmpty)
    #expect(
      await store.perform(Sample.update("order-1", owner: 1, to: Sample.committed)) == .applied)
    #expect(
      await store.row("order-1")?.completion
        == CompletionRecord(definition: [7, 8], due: Sample.created))
  }

  @Test(arguments: StoreKind.allCases)
  func anEndThatIsInsertedIsDueAtOnce(kind: StoreKind) async throws {
    let store = try StoreUnderTest(kind)
    #expect(await store.perform(insert("order-1", point: Sample.committed)) == .inserted)
    #expect(try await claim(store, at: early).isEmpty)
    #expect(try await claim(store, at: Sample.created).map(\.id) == ["order-1"])
  }

  @Test(arguments: StoreKind.allCases)
  func whoAsksForNothingIsToldNothing(kind: StoreKind) async throws {
    let store = try StoreUnderTest(kind)
    let write = insert("order-1", point: Sample.committed, completion: nil)
    #expect(await store.perform(write) == .inserted)
    #expect(try await claim(store, at: later).isEmpty)
    #expect(await store.row("order-1")?.completion == nil)
  }

  @Test(arguments: StoreKind.allCases)
  func whatIsClaimedIsNobodyElsesForAWhile(kind: StoreKind) async throws {
    let store = try StoreUnderTest(kind)
    for id in ["order-1", "order-2", "order-3"] {
      #expect(await store.perform(insert(id, point: Sample.committed)) == .inserted)
    }
    let first = try await claim(store, at: soon, limit: 2)
    #expect(first.map(\.id) == ["order-1", "order-2"])
    #expect(first[0].completion == CompletionRecord(definition: [7, 8], due: later, attempts: 1))
    #expect(first[0].branches.map(\.id) == ["a"])
    #expect(first[0].point.state == .committed)
    #expect(try await claim(store, at: soon).map(\.id) == ["order-3"])
    #expect(try await claim(store, at: soon).isEmpty)
    // Whoever took them did not come back.
    #expect(try await claim(store, at: later).map { $0.completion?.attempts } == [2, 2, 2])
  }

  @Test(arguments: StoreKind.allCases)
  func whatWasTakenIsToldNoMore(kind: StoreKind) async throws {
    let store = try StoreUnderTest(kind)
    #expect(await store.perform(insert("order-1", point: Sample.committed)) == .inserted)
    _ = try await claim(store, at: soon)
    let report = CompletionReport(id: "order-1", attempt: 1, outcome: .taken(at: soon))
    #expect(await store.perform(.settle(report)) == .settled)
    #expect(
      await store.row("order-1")?.completion
        == CompletionRecord(definition: [7, 8], attempts: 1, takenAt: soon))
    #expect(try await claim(store, at: later).isEmpty)
    #expect(await store.perform(.settle(report)) == .overtaken)
  }

  @Test(arguments: StoreKind.allCases)
  func aFailureSaysWhenAndWhy(kind: StoreKind) async throws {
    let store = try StoreUnderTest(kind)
    #expect(await store.perform(insert("order-1", point: Sample.committed)) == .inserted)
    _ = try await claim(store, at: soon)
    let next = Instant(milliseconds: soon.milliseconds + 500)
    let report = CompletionReport(
      id: "order-1", attempt: 1, outcome: .failed("refused\0", again: next))
    #expect(await store.perform(.settle(report)) == .settled)
    #expect(
      await store.row("order-1")?.completion
        == CompletionRecord(
          definition: [7, 8], due: next, attempts: 1, error: "refused\u{FFFD}"))
    #expect(try await claim(store, at: soon).isEmpty)
    #expect(try await claim(store, at: next).count == 1)
    // The first attempt's word comes too late.
    let late = CompletionReport(id: "order-1", attempt: 1, outcome: .taken(at: next))
    #expect(await store.perform(.settle(late)) == .overtaken)
  }

  @Test(arguments: StoreKind.allCases)
  func anAttemptThatIsPostponedDoesNotCount(kind: StoreKind) async throws {
    let store = try StoreUnderTest(kind)
    #expect(await store.perform(insert("order-1", point: Sample.committed)) == .inserted)
    _ = try await claim(store, at: soon)
    let next = Instant(milliseconds: soon.milliseconds + 500)
    let report = CompletionReport(id: "order-1", attempt: 1, outcome: .postponed(to: next))
    #expect(await store.perform(.settle(report)) == .settled)
    #expect(
      await store.row("order-1")?.completion
        == CompletionRecord(definition: [7, 8], due: next, attempts: 0))
    #expect(await store.perform(.settle(report)) == .overtaken)
    #expect(try await claim(store, at: soon).isEmpty)
    #expect(try await claim(store, at: next).map(\.completion?.attempts) == [1])
  }

  @Test(arguments: StoreKind.allCases)
  func listsDoNotShowIt(kind: StoreKind) async throws {
    let store = try StoreUnderTest(kind)
    #expect(await store.perform(insert("order-1", point: Sample.committed)) == .inserted)
    #expect(try await store.list(ListFilter()).map(\.completion) == [nil])
  }
}
