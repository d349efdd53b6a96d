import Mode
import Testing

@testable import Store

/// What every store lists.
@Suite struct ListConformanceTests {
  private func fill(_ store: StoreUnderTest) async {
    let attention = AttentionRecord(cause: .refused, branch: 0, text: "refused")
    let points: [PointRecord] = [
      PointRecord(state: .executing(.commit)), PointRecord(state: .executing(.start)),
      PointRecord(state: .committing, attention: attention), Sample.committed,
      PointRecord(state: .rolledBack, reason: Sample.refused, endedAt: Sample.created),
    ]
    for (number, point) in points.enumerated() {
      _ = await store.perform(
        .insert(
          NewTransaction(
            id: "order-\(number)", contentHash: [1], deadline: Sample.later,
            createdAt: Instant(milliseconds: 1000 + Int64(number / 2)), owner: 1, point: point,
            branches: [Sample.branch("a"), Sample.branch("b")])))
    }
    _ = await store.perform(
      Sample.begin("refund-0", createdAt: Instant(milliseconds: 5000)))
  }

  private func ids(_ filter: ListFilter, in store: StoreUnderTest) async throws -> [String] {
    try await store.list(filter).map(\.id)
  }

  @Test(arguments: StoreKind.allCases)
  func theNewestStandFirstPageByPage(kind: StoreKind) async throws {
    let store = try StoreUnderTest(kind)
    await fill(store)
    let all = try await store.list(ListFilter())
    #expect(
      all.map(\.id)
        == ["refund-0", "order-4", "order-3", "order-2", "order-1", "order-0"])
    #expect(all.map(\.branchCount) == [0, 2, 2, 2, 2, 2])
    #expect(all.allSatisfy { $0.branches.isEmpty && $0.point.outcomes.isEmpty })
    var paged: [String] = []
    var after: (createdAt: Instant, id: String)?
    for _ in 0..<4 {
      let page = try await store.list(ListFilter(after: after, limit: 2))
      paged += page.map(\.id)
      if let last = page.last { after = (last.createdAt, last.id) }
    }
    #expect(paged == all.map(\.id))
  }

  @Test(arguments: StoreKind.allCases)
  func everyFilterNarrowsAndTheyCombine(kind: StoreKind) async throws {
    let store = try StoreUnderTest(kind)
    await fill(store)
    #expect(
      try await ids(ListFilter(states: [.executing(.commit)]), in: store)
        == ["order-1", "order-0"])
    #expect(
      try await ids(ListFilter(states: [.active, .committed]), in: store)
        == ["refund-0", "order-3"])
    #expect(try await ids(ListFilter(needsAttention: true), in: store) == ["order-2"])
    #expect(
      try await ids(ListFilter(states: [.committed], needsAttention: true), in: store).isEmpty)
    #expect(try await ids(ListFilter(idPrefix: "refund"), in: store) == ["refund-0"])
    #expect(
      try await ids(ListFilter(needsAttention: true, idPrefix: "order-"), in: store)
        == ["order-2"])
    #expect(try await ids(ListFilter(states: [.active], idPrefix: "order"), in: store).isEmpty)
    #expect(
      try await ids(
        ListFilter(
          createdFrom: Instant(milliseconds: 1001), createdTo: Instant(milliseconds: 5000)),
        in: store) == ["order-4", "order-3", "order-2"])
  }
}
