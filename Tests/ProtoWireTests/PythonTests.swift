import ProtoWire
import Testing

/// Python protobuf, the second oracle.
@Suite struct PythonTests {
  @Test func randomMessagesComeBackByteForByte() throws {
    let messages = (0..<500 as Range<UInt64>).map { seed in
      var random = RandomMessages(seed: seed)
      return random.everything().wireBytes()
    }
    let answers = try PythonOracle.shared().roundTrip(messages)
    for (seed, (message, answer)) in zip(messages, answers).enumerated() {
      let ours = try Everything(wire: message)
      #expect(difference(ours.wireBytes(), message) == nil, "seed \(seed)")
      let python = try #require(answer, "seed \(seed)")
      #expect(python.count == message.count, "seed \(seed)")
      // Python has an order of its own for the entries of a map.
      #expect(difference(try sortedMaps(python), message) == nil, "seed \(seed)")
    }
  }
}

/// The message with its maps' entries in our order.
func sortedMaps(_ everything: [UInt8]) throws -> [UInt8] {
  try Everything(wire: everything).wireBytes()
}
