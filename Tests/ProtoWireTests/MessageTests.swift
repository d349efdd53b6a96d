import ProtoWire
import Testing

@Suite struct MessageTests {
  @Test func everyFieldComesBack() throws {
    var message = Everything()
    message.int32 = -1
    message.sint64 = .min
    message.double = -0.0
    message.color = .infrared
    message.string = "Größe \u{0} ✓"
    message.leaf = Everything.Leaf()
    message.children = [Everything(), message]
    message.children[0].bytes = [UInt8](repeating: 7, count: 300)
    message.int32s = [0, -1, 300]
    message.fixed64s = [1, .max]
    message.colors = [.red, Everything.Color(rawValue: 77)]
    message.unpackedInt32s = [1, 2]
    message.choice = .text("")
    message.stringToString = ["b": "2", "a": "", "": "0"]
    message.stringToLeaf = ["x": Everything.Leaf(number: 5)]
    message.sint32ToSfixed64 = [-5: .min, 3: 1]
    message.boolToColor = [true: .green, false: .unspecified]
    let bytes = message.wireBytes()
    let back = try Everything(wire: bytes)
    #expect(back == message)
    #expect(back.wireBytes() == bytes)
    #expect(try Everything(wire: ([0] + bytes).dropFirst()) == message)
    #expect(message.wireBytes(prefix: 5) == [0, 0, 0, 0, 0] + bytes)
  }

  @Test func messageOfDefaultsIsEmpty() throws {
    #expect(Everything().wireBytes() == [])
    #expect(try Everything(wire: []) == Everything())
  }
}
