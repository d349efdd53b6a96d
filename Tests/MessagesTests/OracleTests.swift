import ProtoWire
import Testing

/// Random messages of every type, the same bytes from Caravan, Python protobuf and libprotobuf-c.
struct OracleTests {
  @Test(arguments: [1, 2, 3] as [UInt64])
  func messagesOfPythonComeBackByteForByte(seed: UInt64) throws {
    for record in try PythonMessages.records(.random, seed: seed, count: 60) {
      let recode = try #require(MessageCatalog.recoders[record.name])
      let isEqual = try recode(record.input) == record.expected
      #expect(isEqual, "\(record.name), seed \(seed)")
    }
  }

  @Test func twoMessagesInARowMergeAsInPython() throws {
    for record in try PythonMessages.records(.merged, seed: 4, count: 60) {
      let recode = try #require(MessageCatalog.recoders[record.name])
      let isEqual = try recode(record.input) == record.expected
      #expect(isEqual, "\(record.name)")
    }
  }

  @Test func libprotobufCReadsAndWritesTheSameBytes() throws {
    for record in try PythonMessages.records(.plain, seed: 5, count: 60) {
      let recode = try #require(MessageCatalog.recoders[record.name])
      let ours = try recode(record.input)
      let isEqual = ours == COracle.recode(ours, as: record.name)
      #expect(isEqual, "\(record.name)")
    }
  }

  @Test func theCommittedCOracleIsThatOfProtos() throws {
    let fresh = Checkout.temporaryPath("")
    defer { Checkout.remove(fresh) }
    try Checkout.run(Checkout.root + "/Tests/MessagesTests/generate-oracle", [fresh])
    let files = try Checkout.files(below: fresh)
    #expect(files.count > 20)
    for file in files {
      let made = try Checkout.contents(of: fresh + "/" + file)
      let committed = try Checkout.contents(of: Checkout.root + "/Tests/Oracle/" + file)
      let isEqual = made == committed
      #expect(isEqual, "\(file) is stale: run Tests/MessagesTests/generate-oracle")
    }
  }
}
