import ProtoWire

/// A message with every kind of field, as hand-written messages are: `test.Everything` of
/// Protos/everything.proto.
struct Everything: WireMessage {
  var int32: Int32 = 0
  var int64: Int64 = 0
  var uint32: UInt32 = 0
  var uint64: UInt64 = 0
  var sint32: Int32 = 0
  var sint64: Int64 = 0
  var fixed32: UInt32 = 0
  var fixed64: UInt64 = 0
  var sfixed32: Int32 = 0
  var sfixed64: Int64 = 0
  var float: Float = 0
  var double: Double = 0
  var bool = false
  var color = Color(rawValue: 0)
  var string = ""
  var bytes: [UInt8] = []
  var leaf: Leaf?
  var children: [Everything] = []

  var int32s: [Int32] = []
  var int64s: [Int64] = []
  var uint32s: [UInt32] = []
  var uint64s: [UInt64] = []
  var sint32s: [Int32] = []
  var sint64s: [Int64] = []
  var fixed32s: [UInt32] = []
  var fixed64s: [UInt64] = []
  var sfixed32s: [Int32] = []
  var sfixed64s: [Int64] = []
  var floats: [Float] = []
  var doubles: [Double] = []
  var bools: [Bool] = []
  var colors: [Color] = []
  var strings: [String] = []
  var byteses: [[UInt8]] = []
  var unpackedInt32s: [Int32] = []
  var unpackedFixed32s: [UInt32] = []

  var choice: Choice?

  var stringToString: [String: String] = [:]
  var stringToBytes: [String: [UInt8]] = [:]
  var stringToLeaf: [String: Leaf] = [:]
  var sint32ToSfixed64: [Int32: Int64] = [:]
  var boolToColor: [Bool: Color] = [:]
  var uint64ToDouble: [UInt64: Double] = [:]

  enum Choice: Equatable, Sendable {
    case number(Int32)
    case text(String)
    case leaf(Leaf)
  }

  /// Open: a number without a name stays what it is.
  struct Color: WireEnum {
    var rawValue: Int32
    static let unspecified = Color(rawValue: 0)
    static let red = Color(rawValue: 1)
    static let green = Color(rawValue: 2)
    static let infrared = Color(rawValue: -1)
  }

  struct Leaf: WireMessage {
    var number: Int32 = 0
    var name = ""
    var tags: [String] = []

    mutating func merge(from reader: inout WireReader) throws(WireError) {
      while let field = try reader.nextField() {
        switch field.number {
        case 1: number = try reader.int32(field)
        case 2: name = try reader.string(field)
        case 3: try reader.appendString(field, to: &tags)
        default: try reader.skip(field)
        }
      }
    }

    func encode(into writer: inout WireWriter) {
      writer.int32(1, number)
      writer.string(2, name)
      writer.repeatedString(3, tags)
    }
  }
}
