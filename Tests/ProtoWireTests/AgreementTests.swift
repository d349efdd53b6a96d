import ProtoWire
import Testing

/// What both the codec and Python protobuf make of messages that no encoder of today writes.
@Suite struct AgreementTests {
  struct Case: CustomTestStringConvertible, Sendable {
    let fact: String
    let wire: [UInt8]
    /// What both encode after decoding; nil where both refuse.
    let means: [UInt8]?

    init(_ fact: String, _ wire: String, _ means: String?) {
      self.fact = fact
      self.wire = bytes(wire)
      self.means = means.map { bytes($0) }
    }

    var testDescription: String { fact }
  }

  static let cases = [
    Case("last scalar wins", "0805 0806", "0806"),
    Case("default after a value wins", "0805 0800", ""),
    Case("sub-messages merge", "8a01020801 8a0103120161", "8a01050801120161"),
    Case("sub-messages' lists append", "8a01031a0161 8a01031a0162", "8a01061a01611a0162"),
    Case("empty sub-message keeps what was", "8a01020801 8a0100", "8a01020801"),
    Case("repeated messages do not merge", "9201020801 9201022002", "9201020801 9201022002"),
    Case("oneof: last member wins", "c80205 d2020161", "d2020161"),
    Case("oneof: same message merges", "da02020801 da0203120161", "da02050801120161"),
    Case("oneof: message after another member is new", "da02020801 c80205 da0200", "da0200"),
    Case("oneof: a default is there", "c80200", "c80200"),
    Case("oneof: an empty text is there", "d20200", "d20200"),
    Case("packed field unpacked", "a80105 a80106", "aa01020506"),
    Case("unpacked field packed", "aa02020506", "a80205 a80206"),
    Case("packed and not mixed", "a80105 aa01020607 a80108", "aa010405060708"),
    Case("packed twice appends", "aa010105 aa010106", "aa01020506"),
    Case("empty packed field is nothing", "aa0100", ""),
    Case("packed fixed32 unpacked", "dd0101000000", "da010401000000"),
    Case("packed enum without a name", "9202020763", "9202020763"),
    Case("packed bools above one are true", "8a020300027f", "8a0203000101"),
    Case("packed fixed32 of odd length is refused", "da01050100000000", nil),
    Case("packed varint cut by its length is refused", "aa010180 01", nil),
    Case("int32 keeps the low half", "0885808080f0ffff7f", "0805"),
    Case("uint32 keeps the low half", "18ffffffffffffffffff01", "18ffffffff0f"),
    Case("sint32 keeps the low half", "28ffffffffffffffff7f", "28ffffffff0f"),
    Case("enum keeps the low half", "70818080807f", "7081808080ffffffffff01"),
    Case("bool of any bit is true", "68808080808080808001", "6801"),
    Case("varints may be padded", "0885808000", "0805"),
    Case("varint of ten bytes may be padded", "0885808080808080808000", "0805"),
    Case("eleven bytes are refused", "088580808080808080808000", nil),
    Case("lengths may be padded", "7a81800061", "7a0161"),
    Case("tags may be padded to five bytes", "888080800005", "0805"),
    Case("tags of six bytes are refused", "88808080800005", nil),
    Case("field 0 is refused", "0005", nil),
    Case("padded field 0 is refused", "80000005", nil),
    Case("the largest field number is skipped", "f8ffffff0f05", ""),
    Case("a larger field number is refused", "f8ffffff1f05", nil),
    Case("wire type 6 is refused", "0e", nil),
    Case("wire type 7 is refused", "0f", nil),
    Case(
      "unknown fields of every wire type are skipped",
      "c03e05 c93e0102030405060708 "
        + "d23e03616263 dd3e01020304 0805", "0805"),
    Case("a group is skipped", "cb3e 0805 cc3e 0806", "0806"),
    Case("groups in groups are skipped", "cb3e d33e 7a0161 d43e cc3e 0806", "0806"),
    Case("a group at a known field's number is skipped in a group", "cb3e 0b 0c cc3e", ""),
    Case("a length in a group is passed over", "cb3e 7a01cc cc3e", ""),
    Case("a group without an end is refused", "cb3e 0805", nil),
    Case("a group with another's end is refused", "cb3e d43e", nil),
    Case("an end without a group is refused", "cc3e", nil),
    Case("an end of a group in a sub-message is refused", "cb3e 8a01020c", nil),
    Case("a group cut by its message is refused", "8a0102cb3e cc3e", nil),
    Case("bad tags in a group are refused", "cb3e 00 cc3e", nil),
    Case(
      "map: the last entry of a key wins", "9a03060a01611201 78 9a03060a0161120179",
      "9a03060a0161120179"),
    Case(
      "map: key and value in any order, and twice", "9a0309 120178 0a0162 0a0161",
      "9a03060a0161120178"),
    Case("map: missing key and value are defaults", "9a0300", "9a03040a001200"),
    Case(
      "map: a message value merges inside its entry",
      "aa030c 0a0161 12020801 1203120162", "aa030a 0a0161 1205 0801 120162"),
    Case(
      "map: a later entry does not merge", "aa03070a016112020801 aa03050a01611200",
      "aa03050a01611200"),
    Case("NUL is a character", "7a0100", "7a0100"),
    Case("-0 is a value", "5d00000080 610000000000000080", "5d00000080 610000000000000080"),
    Case("a NaN keeps its bits", "5d010080ff", "5d010080ff"),
    Case("+0 is the default", "5d00000000", ""),
    Case("unknown fields need no UTF-8", "d23e01ff", ""),
    Case("bytes need no UTF-8", "820101ff", "820101ff"),
    Case("a length beyond the end is refused", "7a0261", nil),
    Case("a length of 2^63 is refused", "7a80808080808080808001", nil),
    Case("a length of 2^64-1 is refused", "7affffffffffffffffff01", nil),
    Case("a length beyond its sub-message is refused", "8a0103120361 6161", nil),
    Case("a tag alone is refused", "08", nil),
    Case("a cut fixed64 is refused", "4101020304050607", nil),
    Case("a cut fixed32 is refused", "3d010203", nil),
  ]

  @Test(arguments: cases)
  func codecAndPythonAgree(on example: Case) throws {
    let python = try PythonOracle.shared().roundTrip([example.wire])[0]
    #expect(difference(python, example.means) == nil, "Python")
    let ours = try? Everything(wire: example.wire).wireBytes()
    #expect(difference(ours, example.means) == nil)
  }

  @Test func codecAndPythonAgreeOnWhatIsUTF8() throws {
    let edges: [UInt8] = [0x00, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xED, 0xF4, 0xFF]
    var texts: [[UInt8]] = (0...255).map { [$0] }
    for first in 0xC0...0xFF as ClosedRange<UInt8> {
      for second in 0...255 as ClosedRange<UInt8> { texts.append([first, second]) }
      if first < 0xE0 { continue }
      for second in edges {
        for third in edges {
          texts.append([first, second, third])
          if first >= 0xF0 { texts += edges.map { [first, second, third, $0] } }
        }
      }
    }
    let messages = texts.map { [0x7A, UInt8($0.count)] + $0 }
    let answers = try PythonOracle.shared().roundTrip(messages)
    for (message, python) in zip(messages, answers) {
      let ours = try? Everything(wire: message).wireBytes()
      if ours != python { Issue.record("\(hex(message)): \(difference(ours, python) ?? "")") }
    }
  }

  @Test(arguments: [99, 100, 101])
  func codecAndPythonAgreeOnDepth(levels: Int) throws {
    let messages = [
      nested(levels, around: []),
      nested(levels - 2, around: bytes("aa03 04 1202 0801")),
      [UInt8]((0..<levels).flatMap { _ in bytes("cb3e") })
        + [UInt8]((0..<levels).flatMap { _ in bytes("cc3e") }),
      nested(levels - 1, around: bytes("cb3ecc3e")),
    ]
    for (message, python) in zip(messages, try PythonOracle.shared().roundTrip(messages)) {
      let ours = try? Everything(wire: message).wireBytes()
      #expect((ours != nil) == (levels <= WireReader.nestingMax))
      #expect((python != nil) == (ours != nil))
    }
  }
}

/// `Everything` in as many `children`, the innermost holding `content`.
func nested(_ levels: Int, around content: [UInt8]) -> [UInt8] {
  var message = content
  for _ in 0..<levels {
    var writer = WireWriter()
    writer.bytes(18, message, always: true)
    message = writer.bytes()
  }
  return message
}
