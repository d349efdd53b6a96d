import ProtoWire
import Testing

struct RawFieldTests {
  @Test(arguments: [0, 1, 127, 128, 16_383, 16_384, 2_097_152])
  func aFieldKnowsHowLongItBecomes(count: Int) {
    let value = [UInt8](repeating: 7, count: count)
    for number in [1, 15, 16, 2_047, 2_048, 536_870_911] {
      let field = RawField(number: number, wireType: .lengthDelimited, value: value[...])
      var message: [UInt8] = []
      field.append(to: &message)
      #expect(field.encodedCount == message.count)
    }
    let fixed = RawField(number: 16, wireType: .fixed32, value: [1, 2, 3, 4])
    #expect(fixed.encodedCount == 6)
  }
}
