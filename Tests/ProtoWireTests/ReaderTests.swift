import ProtoWire
import Testing

@Suite struct ReaderTests {
  static let refusals: [(String, WireError)] = [
    ("0801 08", .truncated(offset: 3)),
    ("0801 0880", .truncated(offset: 3)),
    ("8a", .truncated(offset: 0)),
    ("3d010203", .truncated(offset: 1)),
    ("4101020304050607", .truncated(offset: 1)),
    ("0801 cb3e 0801", .truncated(offset: 2)),
    ("aa010180 01", .truncated(offset: 3)),
    ("08ffffffffffffffffffff01", .overlongVarint(offset: 1)),
    ("10ffffffffffffffffff02", .overlongVarint(offset: 1)),
    ("0801 00", .badTag(offset: 2)),
    ("0801 0e", .badTag(offset: 2)),
    ("0801 0c", .badTag(offset: 2)),
    ("0801 f8ffffff1f01", .badTag(offset: 2)),
    ("88808080800005", .badTag(offset: 0)),
    ("cb3e 0801 d43e", .badTag(offset: 4)),
    ("0801 0a0105", .wrongWireType(offset: 2, field: 1, found: .lengthDelimited)),
    ("7801", .wrongWireType(offset: 0, field: 15, found: .varint)),
    ("7b7c", .wrongWireType(offset: 0, field: 15, found: .startGroup)),
    ("ad0101000000", .wrongWireType(offset: 0, field: 21, found: .fixed32)),
    ("8a0103 0a0105", .wrongWireType(offset: 3, field: 1, found: .lengthDelimited)),
    ("9a0302 0801", .wrongWireType(offset: 3, field: 1, found: .varint)),
    ("7a0161 7a01ff", .invalidUTF8(offset: 5)),
    ("9a0304 0a02c080", .invalidUTF8(offset: 5)),
    ("7a05 61", .lengthBeyondEnd(offset: 1)),
    ("7affffffffffffffffff01", .lengthBeyondEnd(offset: 1)),
    ("da01ffffffff07 01000000", .lengthBeyondEnd(offset: 2)),
    ("8a0104 120561 616161", .lengthBeyondEnd(offset: 4)),
  ]

  @Test(arguments: refusals)
  func errorsSayWhatAndWhere(wire: String, refusal: WireError) {
    #expect(throws: refusal) { try Everything(wire: bytes(wire)) }
    // In a slice the offsets count from its start.
    #expect(throws: refusal) { try Everything(wire: ([1, 2, 3] + bytes(wire))[3...]) }
    #expect(refusal.description.contains("\(offset(of: refusal))"))
  }

  private func offset(of error: WireError) -> Int {
    switch error {
    case .truncated(let offset), .overlongVarint(let offset), .badTag(let offset),
      .invalidUTF8(let offset), .nestingTooDeep(let offset), .lengthBeyondEnd(let offset),
      .wrongWireType(let offset, _, _), .tooManyElements(let offset, _, _):
      offset
    }
  }

  @Test func nestingTooDeepSaysWhere() {
    // Each level is a tag and a length of one byte, then of two; the 101st tag is refused.
    let wire = nested(101, around: [])
    let deepest = WireError.nestingTooDeep(offset: wire.count - 3)
    #expect(throws: deepest) { try Everything(wire: wire) }
    #expect(throws: WireError.nestingTooDeep(offset: 200)) {
      try Everything(wire: (0..<20_000).flatMap { _ in [0xCB, 0x3E] as [UInt8] })
    }
  }

  /// Lists whose readers set bounds.
  struct Bounded: WireMessage {
    var numbers: [Int32] = []
    var leaves: [Everything.Leaf] = []
    var texts: [String] = []
    var map: [Int32: Bool] = [:]

    mutating func merge(from reader: inout WireReader) throws(WireError) {
      while let field = try reader.nextField() {
        switch field.number {
        case 1: try reader.appendInt32(field, to: &numbers, max: 3)
        case 2: try reader.appendMessage(field, to: &leaves, max: 1)
        case 3: try reader.appendString(field, to: &texts, max: 1)
        case 4: try reader.mapEntry(field, into: &map, max: 1)
        default: try reader.skip(field)
        }
      }
    }

    func encode(into writer: inout WireWriter) {
      writer.packedInt32(1, numbers)
      writer.repeatedMessage(2, leaves)
      writer.repeatedString(3, texts)
      writer.map(4, map)
    }
  }

  @Test func listsStopAtTheirBounds() throws {
    let full = bytes("0a03010203 1200 1a00 22020801")
    #expect(try Bounded(wire: full).wireBytes() == bytes("0a03010203 1200 1a00 220408011000"))
    for (more, field) in [("0a0104", 1), ("0804", 1), ("1200", 2), ("1a00", 3), ("2200", 4)] {
      #expect(
        throws: WireError.tooManyElements(
          offset: full.count, field: field, max: field == 1 ? 3 : 1)
      ) { try Bounded(wire: full + bytes(more)) }
    }
    #expect(throws: WireError.tooManyElements(offset: 0, field: 1, max: 3)) {
      try Bounded(wire: bytes("0a0401020304"))
    }
  }

  @Test func schemalessReaderWalksEveryWireType() throws {
    let wire = bytes("0805 1101020304050607 08 1a0161 23 24 2d01020304")
    let met = try WireReader.withReader(over: wire) { reader throws(WireError) in
      var met: [WireType] = []
      while let field = try reader.nextField() {
        #expect(field.number == met.count + 1)
        met.append(field.wireType)
        try reader.skip(field)
      }
      #expect(reader.remaining == 0)
      return met
    }
    #expect(met == [.varint, .fixed64, .lengthDelimited, .startGroup, .fixed32])
  }
}
