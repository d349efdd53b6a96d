import Testing

@testable import Coordinator

struct QuotationTests {
  @Test func whatACallerWroteIsQuotedSafely() {
    let shown = Quotation.of("a\n\u{1b}[2J")
    #expect(!shown.unicodeScalars.contains { $0.value < 0x20 })
    #expect(Quotation.of(String(repeating: "é", count: 500)).utf8.count < 80)
  }
}
