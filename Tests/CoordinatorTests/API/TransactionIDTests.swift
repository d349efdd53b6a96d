import Testing

@testable import Coordinator

struct TransactionIDTests {
  @Test func anIDIsAUUIDOfVersionSeven() {
    // The example of RFC 9562, appendix A.6.
    let id = TransactionID.uuid(
      milliseconds: 0x017F_22E2_79B0, random: (0xCC3, 0x18C4_DC0C_0C07_398F))
    #expect(id == "017f22e2-79b0-7cc3-98c4-dc0c0c07398f")
  }

  @Test func idsDifferAndSortByTime() {
    let ids = (0..<1_000).map { _ in TransactionID.generate() }
    #expect(Set(ids).count == 1_000)
    #expect(ids.allSatisfy { RequestRules.isID($0, bytesMax: 36) })
    let early = TransactionID.uuid(milliseconds: 1, random: (.max, .max))
    let late = TransactionID.uuid(milliseconds: 2, random: (0, 0))
    #expect(early < late)
  }
}
