import Messages
import ProtoWire
import Testing

struct LimitTests {
  @Test func moreBranchesThanAnySettingAllowsAreRefusedBeforeTheyAreDecoded() throws {
    var request = CaravanV1.RegisterRequest()
    request.branches = Array(repeating: CaravanV1.Branch(), count: WireLimits.branchesMax)
    #expect(try CaravanV1.RegisterRequest(wire: request.wireBytes()) == request)

    request.branches.append(CaravanV1.Branch())
    let execute = CaravanV1.ExecuteRequest { $0.branches = request.branches }
    #expect(throws: WireError.tooManyElements(offset: 20_000, field: 2, max: 10_000)) {
      try CaravanV1.RegisterRequest(wire: request.wireBytes())
    }
    #expect(throws: WireError.tooManyElements(offset: 20_000, field: 3, max: 10_000)) {
      try CaravanV1.ExecuteRequest(wire: execute.wireBytes())
    }
  }

  @Test func moreMetadataThanAnyCallHasIsRefused() throws {
    var call = CaravanV1.Call()
    for entry in 0..<WireLimits.mapEntriesMax { call.metadata["name-\(entry)"] = "value" }
    #expect(try CaravanV1.Call(wire: call.wireBytes()) == call)
    call.metadata["one-more"] = ""
    let bytes = call.wireBytes()
    #expect(throws: WireError.self) { try CaravanV1.Call(wire: bytes) }
  }

  @Test func equalMessagesGiveEqualBytesHoweverTheirMapsWereFilled() {
    var one = CaravanV1.Call()
    var other = CaravanV1.Call()
    for entry in 0..<100 { one.metadata["name-\(entry)"] = "\(entry)" }
    for entry in (0..<100).reversed() { other.metadata["name-\(entry)"] = "\(entry)" }
    #expect(one.wireBytes() == other.wireBytes())
  }
}
