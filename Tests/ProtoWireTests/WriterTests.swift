import ProtoWire
import Testing

@Suite struct WriterTests {
  @Test(arguments: [0, 1, 127, 128, 129, 16_383, 16_384, 16_385, 2_097_151, 2_097_152])
  func lengthsOfEverySizeComeBack(count: Int) throws {
    var leaf = Everything.Leaf(name: String(repeating: "x", count: count))
    var message = Everything()
    message.leaf = leaf
    message.children = [message, Everything(), message]
    let wire = message.wireBytes()
    #expect(try Everything(wire: wire) == message)
    #expect(message.packedByC() == wire)
    leaf.name = ""
    #expect(leaf.wireBytes() == [])
  }

  /// A message inside of which presence does not matter.
  struct Plain: WireMessage {
    var leaf = Everything.Leaf()

    mutating func merge(from reader: inout WireReader) throws(WireError) {
      while let field = try reader.nextField() {
        switch field.number {
        case 300: try reader.message(field, into: &leaf)
        default: try reader.skip(field)
        }
      }
    }

    func encode(into writer: inout WireWriter) { writer.message(300, leaf) }
  }

  @Test func messageWithoutPresenceIsWrittenUnlessEmpty() throws {
    #expect(Plain().wireBytes() == [])
    let plain = Plain(leaf: Everything.Leaf(number: 1))
    #expect(plain.wireBytes() == bytes("e212020801"))
    #expect(try Plain(wire: plain.wireBytes()) == plain)
  }

  @Test func prefixIsLeftInFront() {
    let leaf = Everything.Leaf(number: 1)
    #expect(leaf.wireBytes(prefix: 5) == [0, 0, 0, 0, 0, 8, 1])
    #expect(leaf.wireBytes(prefix: 5_000).count == 5_002)
  }

  @Test func mergingWireAddsToWhatIsThere() throws {
    var leaf = Everything.Leaf(number: 1, name: "old", tags: ["a"])
    try leaf.merge(wire: Everything.Leaf(name: "new", tags: ["b"]).wireBytes())
    #expect(leaf == Everything.Leaf(number: 1, name: "new", tags: ["a", "b"]))
  }

  @Test func equalMapsGiveEqualBytes() {
    let keys = (0..<50).map { "key\($0)" }
    var forward = Everything()
    var backward = Everything()
    for key in keys { forward.stringToString[key] = key }
    for key in keys.reversed() { backward.stringToString[key] = key }
    #expect(forward.wireBytes() == backward.wireBytes())
  }
}
