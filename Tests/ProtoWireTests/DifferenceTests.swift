import Oracle
import ProtoWire
import Testing

/// Each difference to the oracles that docs/codec.md lists.
@Suite struct PythonDifferenceTests {
  @Test func wrongWireTypeIsRefusedAndUnknownToPython() throws {
    let wire = bytes("0a0105")
    let refusal = WireError.wrongWireType(offset: 0, field: 1, found: .lengthDelimited)
    #expect(throws: refusal) { try Everything(wire: wire) }
    #expect(try python(wire) == [])
  }

  @Test func varintOfMoreThan64BitsIsRefusedAndCutByPython() throws {
    let wire = bytes("10ffffffffffffffffff03")
    #expect(throws: WireError.overlongVarint(offset: 1)) { try Everything(wire: wire) }
    #expect(try python(wire) == bytes("10ffffffffffffffffff01"))
  }

  @Test func lengthsMayBePaddedAndNotToTenBytesInPython() throws {
    let wire = bytes("7a80808080808080808000")
    #expect(try Everything(wire: wire) == Everything())
    #expect(try python(wire) == nil)
  }

  @Test func mapEntryWithAnUnknownFieldIsKeptAndDroppedByPython() throws {
    let wire = bytes("9a03080a01611201781805")
    #expect(try Everything(wire: wire).stringToString == ["a": "x"])
    #expect(try python(wire) == [])
  }

  @Test func mapsAreWrittenInAscendingOrderAndInAnotherByPython() throws {
    let wire = bytes("b2030b08 02 11 0000000000000000 b2030b08 04 11 0000000000000000")
    #expect(try Everything(wire: wire).wireBytes() == wire)
    #expect(try python(wire) == Array(wire[14...] + wire[..<14]))
  }

  @Test func canonicallyEquivalentKeysAreOneAndTwoToPython() throws {
    let composed = bytes("9a0307 0a02c3a9 120178")
    let decomposed = bytes("9a0308 0a0365cc81 120179")
    let decoded = try Everything(wire: composed + decomposed)
    #expect(decoded.stringToString.count == 1)
    #expect(try python(composed + decomposed)?.count == composed.count + decomposed.count)
  }

  @Test func unknownFieldsAreDroppedAndKeptByPython() throws {
    let wire = bytes("c03e05")
    #expect(try Everything(wire: wire).wireBytes() == [])
    #expect(try PythonOracle.shared().roundTrip([wire], as: .everythingWithUnknown)[0] == wire)
  }

  private func python(_ wire: [UInt8]) throws -> [UInt8]? {
    try PythonOracle.shared().roundTrip([wire])[0]
  }
}

@Suite struct LibprotobufCDifferenceTests {
  @Test func groupIsSkippedAndRefusedByC() throws {
    let wire = bytes("cb3e cc3e 0805")
    #expect(try Everything(wire: wire).int32 == 5)
    #expect(Everything(unpackedByC: wire) == nil)
  }

  @Test func invalidUTF8IsRefusedAndTakenByC() {
    let wire = bytes("7a01ff")
    #expect(throws: WireError.invalidUTF8(offset: 2)) { try Everything(wire: wire) }
    #expect(Everything(unpackedByC: wire) != nil)
  }

  @Test func stringGoesOnAfterNULAndIsCutByC() throws {
    let wire = bytes("7a03610062")
    #expect(try Everything(wire: wire).string == "a\u{0}b")
    #expect(Everything(unpackedByC: wire)?.string == "a")
  }

  @Test func minusZeroIsWrittenAndDroppedByC() throws {
    let wire = bytes("5d00000080")
    #expect(try Everything(wire: wire).wireBytes() == wire)
    #expect(try Everything(wire: wire).packedByC() == [])
  }

  @Test func defaultsInMapEntriesAreWrittenAndDroppedByC() throws {
    let message = try Everything(wire: bytes("9a0300"))
    #expect(message.wireBytes() == bytes("9a03040a001200"))
    #expect(message.packedByC() == bytes("9a0300"))
  }

  @Test func boolOfAnotherWireTypeIsRefusedAndTakenByC() {
    let wire = bytes("6d01000000")
    let refusal = WireError.wrongWireType(offset: 0, field: 13, found: .fixed32)
    #expect(throws: refusal) { try Everything(wire: wire) }
    #expect(Everything(unpackedByC: wire)?.bool == true)
  }

  @Test func varintOfMoreThan64BitsIsRefusedAndCutByC() {
    let wire = bytes("10ffffffffffffffffff03")
    #expect(throws: WireError.overlongVarint(offset: 1)) { try Everything(wire: wire) }
    #expect(Everything(unpackedByC: wire)?.int64 == -1)
  }

  @Test func fieldZeroIsRefusedAndTakenByC() {
    let wire = bytes("8000 05")
    #expect(throws: WireError.badTag(offset: 0)) { try Everything(wire: wire) }
    #expect(Everything(unpackedByC: wire) != nil)
  }

  @Test func lengthsMayBePaddedAndToFiveBytesInC() throws {
    let wire = bytes("7a80808080808080808000")
    #expect(try Everything(wire: wire) == Everything())
    #expect(Everything(unpackedByC: wire) == nil)
  }

  @Test func depthIsLimitedAndNotByC() {
    let wire = nested(200, around: [])
    #expect(throws: WireError.self) { try Everything(wire: wire) }
    #expect(Everything(unpackedByC: wire) != nil)
  }

  @Test func fieldNumberAbove2To29IsRefusedAndTakenByC() {
    let wire = bytes("f8ffffff1f05")
    #expect(throws: WireError.badTag(offset: 0)) { try Everything(wire: wire) }
    #expect(Everything(unpackedByC: wire) != nil)
  }

  @Test(arguments: ["8a0102 0801 8a0103 120161", "da0202 0801 da0203 120161"])
  func subMessagesMergeAndTheLastWinsInC(wire: String) throws {
    let wire = bytes(wire)
    #expect(try Everything(wire: wire).wireBytes().count < wire.count)
    #expect(Everything(unpackedByC: wire)?.wireBytes() == Array(wire.dropFirst(5)))
  }

  @Test func duplicateMapKeysAreOneEntryAndTwoInC() throws {
    let wire = bytes("9a03060a01611201789a03060a0161120179")
    #expect(try Everything(wire: wire).stringToString == ["a": "y"])
    let theirs = try #require(test__everything__unpack(nil, wire.count, wire))
    defer { test__everything__free_unpacked(theirs, nil) }
    #expect(theirs.pointee.n_string_to_string == 2)
  }

  @Test func unknownFieldsAreDroppedAndKeptByC() throws {
    let wire = bytes("c03e05")
    #expect(try Everything(wire: wire).wireBytes() == [])
    let theirs = try #require(test__everything__unpack(nil, wire.count, wire))
    defer { test__everything__free_unpacked(theirs, nil) }
    #expect(test__everything__get_packed_size(theirs) == wire.count)
  }
}
