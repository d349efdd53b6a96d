import Support

/// Makes random messages of every type, biased to the edges of each.
struct RandomMessages {
  private var generator: SeededGenerator
  /// Leaves out what libprotobuf-c is known to treat in its own way (docs/codec.md): NUL in
  /// strings, -0, and default keys and values of map entries.
  private let forC: Bool

  init(seed: UInt64, forC: Bool = false) {
    generator = SeededGenerator(seed: seed)
    self.forC = forC
  }

  mutating func everything(depth: Int = 3) -> Everything {
    var message = Everything()
    setValues(of: &message)
    setNumberLists(of: &message)
    setLists(of: &message)
    setMaps(of: &message)
    if chance(2) { message.leaf = leaf() }
    switch Int.random(in: 0..<5, using: &generator) {
    case 0: message.choice = .number(integer())
    case 1: message.choice = .text(text())
    case 2: message.choice = .leaf(leaf())
    default: break
    }
    if depth > 0 { message.children = list { $0.everything(depth: depth - 1) } }
    return message
  }

  private mutating func setValues(of message: inout Everything) {
    if chance(2) { message.int32 = integer() }
    if chance(2) { message.int64 = integer() }
    if chance(2) { message.uint32 = integer() }
    if chance(2) { message.uint64 = integer() }
    if chance(2) { message.sint32 = integer() }
    if chance(2) { message.sint64 = integer() }
    if chance(2) { message.fixed32 = integer() }
    if chance(2) { message.fixed64 = integer() }
    if chance(2) { message.sfixed32 = integer() }
    if chance(2) { message.sfixed64 = integer() }
    if chance(2) { message.float = float() }
    if chance(2) { message.double = double() }
    message.bool = chance(2)
    if chance(2) { message.color = Everything.Color(rawValue: integer()) }
    if chance(2) { message.string = text() }
    if chance(2) { message.bytes = bytes() }
  }

  private mutating func setNumberLists(of message: inout Everything) {
    message.int32s = list { $0.integer() }
    message.int64s = list { $0.integer() }
    message.uint32s = list { $0.integer() }
    message.uint64s = list { $0.integer() }
    message.sint32s = list { $0.integer() }
    message.sint64s = list { $0.integer() }
    message.fixed32s = list { $0.integer() }
    message.fixed64s = list { $0.integer() }
    message.sfixed32s = list { $0.integer() }
    message.sfixed64s = list { $0.integer() }
    message.floats = list { $0.float() }
    message.doubles = list { $0.double() }
  }

  private mutating func setLists(of message: inout Everything) {
    message.bools = list { $0.chance(2) }
    message.colors = list { Everything.Color(rawValue: $0.integer()) }
    message.strings = list { $0.text() }
    message.byteses = list { $0.bytes() }
    message.unpackedInt32s = list { $0.integer() }
    message.unpackedFixed32s = list { $0.integer() }
  }

  private mutating func setMaps(of message: inout Everything) {
    message.stringToString = map({ $0.text() }, { $0.text() })
    message.stringToBytes = map({ $0.text() }, { $0.bytes() })
    message.stringToLeaf = map({ $0.text() }, { $0.leaf() })
    message.sint32ToSfixed64 = map({ $0.integer() }, { $0.integer() })
    message.boolToColor = map({ $0.chance(2) }, { Everything.Color(rawValue: $0.integer()) })
    message.uint64ToDouble = map({ $0.integer() }, { $0.double() })
    if forC {
      message.stringToString = message.stringToString.filter { !$0.key.isEmpty && $0.value != "" }
      message.stringToBytes = message.stringToBytes.filter { !$0.key.isEmpty && $0.value != [] }
      message.stringToLeaf = message.stringToLeaf.filter { !$0.key.isEmpty }
      message.sint32ToSfixed64 = message.sint32ToSfixed64.filter { $0.key != 0 && $0.value != 0 }
      message.boolToColor = message.boolToColor.filter { $0.key && $0.value.rawValue != 0 }
      message.uint64ToDouble = message.uint64ToDouble.filter { $0.key != 0 && $0.value != 0 }
    }
  }

  private mutating func leaf() -> Everything.Leaf {
    Everything.Leaf(number: integer(), name: text(), tags: list { $0.text() })
  }

  private mutating func chance(_ one: Int) -> Bool {
    Int.random(in: 0..<one, using: &generator) == 0
  }

  /// Lists are empty half the time, and seldom long enough for a length of two bytes.
  private mutating func list<Element>(_ make: (inout RandomMessages) -> Element) -> [Element] {
    if chance(2) { return [] }
    let count = Int.random(in: 1...(chance(20) ? 40 : 3), using: &generator)
    return (0..<count).map { _ in make(&self) }
  }

  private mutating func map<Key, Value>(
    _ key: (inout RandomMessages) -> Key, _ value: (inout RandomMessages) -> Value
  ) -> [Key: Value] {
    Dictionary(list { (key(&$0), value(&$0)) }) { $1 }
  }

  /// An integer of a random number of bits, so that every length of varint comes up.
  private mutating func integer<Integer: FixedWidthInteger>() -> Integer {
    let bits = Int.random(in: 0...Integer.bitWidth, using: &generator)
    let small = Integer(truncatingIfNeeded: generator.next() & ~(UInt64.max << UInt64(bits)))
    return chance(3) ? ~small : small
  }

  private mutating func double() -> Double {
    let value = Double(bitPattern: chance(4) ? integer() : generator.next())
    return forC && value == 0 ? 0 : value
  }

  private mutating func float() -> Float {
    let value = Float(
      bitPattern: chance(4) ? integer() : UInt32.random(in: 0...(.max), using: &generator))
    return forC && value == 0 ? 0 : value
  }

  private mutating func bytes() -> [UInt8] {
    let count = chance(20) ? 300 : Int.random(in: 0...20, using: &generator)
    return (0..<count).map { _ in UInt8.random(in: 0...(.max), using: &generator) }
  }

  /// Scalars of one to four bytes. No combining marks follow letters they compose with, so that
  /// Swift's canonical equivalence plays no part.
  private mutating func text() -> String {
    let alphabet: [Unicode.Scalar] =
      ["a", "Z", "0", "\u{7F}", "\u{80}", "ß", "\u{7FF}", "\u{800}"]
      + ["€", "\u{FFFD}", "\u{FFFF}", "\u{10000}", "😀", "\u{10FFFF}"] + (forC ? [] : ["\u{0}"])
    let count = chance(20) ? 150 : Int.random(in: 0...9, using: &generator)
    var text = ""
    for _ in 0..<count {
      text.unicodeScalars.append(alphabet.randomElement(using: &generator) ?? "a")
    }
    return text
  }
}
