import ProtoWire
import Testing

/// libprotobuf-c, the first oracle.
@Suite struct LibprotobufCTests {
  @Test(arguments: 0..<20) func randomMessagesGoBothWays(block: UInt64) throws {
    for seed in block * 25..<block * 25 + 25 {
      var random = RandomMessages(seed: seed, forC: true)
      let message = random.everything()
      let bytes = message.wireBytes()
      #expect(difference(message.packedByC(), bytes) == nil, "seed \(seed)")
      // Bytes, not messages: a NaN does not equal itself.
      let read = try #require(Everything(unpackedByC: bytes), "seed \(seed)")
      #expect(difference(read.wireBytes(), bytes) == nil, "seed \(seed)")
      let decoded = try Everything(wire: bytes)
      #expect(difference(decoded.wireBytes(), bytes) == nil, "seed \(seed)")
    }
  }
}
