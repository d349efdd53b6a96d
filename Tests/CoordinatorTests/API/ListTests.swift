import Messages
import Mode
import ProtoWire
import Store
import Testing

@testable import Coordinator

struct ListTests {
  private func filter(
    _ fill: (inout CaravanV1.ListRequest) -> Void
  ) -> (filter: ListFilter, fields: [String]) {
    var violations = FieldViolations()
    let filter = Requests.rules.filter(CaravanV1.ListRequest(fill), &violations)
    return (filter, violations.fields)
  }

  @Test func anEmptyRequestListsTheNewestHundred() {
    #expect(filter { _ in }.filter == ListFilter(limit: 100))
  }

  @Test func conditionsAreTakenOver() {
    let (filter, fields) = filter {
      $0.states = [.executing, .rolledBack, .executing]
      $0.needsAttention = true
      $0.idPrefix = "order-"
      $0.createdFrom = GoogleProtobuf.Timestamp(microsecondsSinceEpoch: 1_000_001)
      $0.createdTo = GoogleProtobuf.Timestamp(microsecondsSinceEpoch: 2_000_000)
      $0.pageSize = 1_000
    }
    #expect(fields.isEmpty)
    #expect(
      filter
        == ListFilter(
          states: [.executing(.commit), .rolledBack], needsAttention: true, idPrefix: "order-",
          createdFrom: Instant(milliseconds: 1_001), createdTo: Instant(milliseconds: 2_000),
          limit: 1_000))
  }

  @Test func whatIsWrongIsNamed() {
    let (_, fields) = filter {
      $0.states = [.active, .unspecified, .unrecognized(9)]
      $0.idPrefix = "a%"
      $0.createdFrom = GoogleProtobuf.Timestamp { $0.nanos = -1 }
      $0.pageSize = 1_001
      $0.pageToken = "rubbish"
    }
    #expect(
      fields == ["states[1]", "states[2]", "id_prefix", "created_from", "page_size", "page_token"])
  }

  @Test func aTokenComesBack() throws {
    let token = PageToken(createdAt: Instant(milliseconds: 1_763_000_000_123), id: "order-1/é")
    #expect(PageToken(token.text, idBytesMax: 128) == nil)
    let right = PageToken(createdAt: token.createdAt, id: "order-1/x")
    #expect(PageToken(right.text, idBytesMax: 128) == right)
    let filter = filter { $0.pageToken = right.text }.filter
    #expect(filter.after?.createdAt == right.createdAt)
    #expect(filter.after?.id == "order-1/x")
  }

  @Test func noChangeOfATokenTraps() {
    let text = PageToken(createdAt: Instant(milliseconds: 1), id: "a").text
    for index in text.indices {
      for character in ["A", "z", "_", "=", " ", "\u{0}"] {
        var changed = text
        changed.replaceSubrange(index...index, with: character)
        _ = PageToken(changed, idBytesMax: 128)
        _ = PageToken(String(text[..<index]), idBytesMax: 128)
      }
    }
    #expect(PageToken("", idBytesMax: 128) == nil)
  }

  @Test(arguments: 0..<20)
  func base64URLComesBack(count: Int) {
    let bytes = (0..<count).map { UInt8($0 * 13 & 0xFF) }
    #expect(Base64URL.decode(Base64URL.encode(bytes)) == bytes)
  }

  @Test func aFullPageSaysWhereTheNextBegins() throws {
    let rows = (0..<3).map { Rows.stored("t\($0)", state: .active) }
    let page = CoordinatorService.page(rows, size: 2)
    #expect(page.transactions.map(\.id) == ["t0", "t1"])
    #expect(PageToken(page.nextPageToken, idBytesMax: 128)?.id == "t1")
    #expect(CoordinatorService.page(rows, size: 3).nextPageToken.isEmpty)
    #expect(CoordinatorService.page([], size: 3) == CaravanV1.ListResponse())
  }

  @Test func aPageIsNeverLargerThanAResponse() {
    let rows = (0..<1_001).map { index in
      var row = Rows.stored("t\(index)", state: .rolledBack)
      row.point.reason = ReasonRecord(
        cause: .requested, text: String(repeating: "r", count: 4 << 10))
      row.point.attention = AttentionRecord(
        cause: .refused, branch: 0, text: String(repeating: "a", count: 4 << 10))
      return row
    }
    let page = CoordinatorService.page(rows, size: 1_000)
    let shown = page.transactions.count
    #expect(shown < 1_000)
    #expect(page.wireBytes().count <= 4 << 20)
    #expect(PageToken(page.nextPageToken, idBytesMax: 128)?.id == "t\(shown - 1)")
  }
}
