import ProtoWire

extension Everything {
  mutating func merge(from reader: inout WireReader) throws(WireError) {
    while let field = try reader.nextField() {
      switch field.number {
      case 1: int32 = try reader.int32(field)
      case 2: int64 = try reader.int64(field)
      case 3: uint32 = try reader.uint32(field)
      case 4: uint64 = try reader.uint64(field)
      case 5: sint32 = try reader.sint32(field)
      case 6: sint64 = try reader.sint64(field)
      case 7: fixed32 = try reader.fixed32(field)
      case 8: fixed64 = try reader.fixed64(field)
      case 9: sfixed32 = try reader.sfixed32(field)
      case 10: sfixed64 = try reader.sfixed64(field)
      case 11: float = try reader.float(field)
      case 12: double = try reader.double(field)
      case 13: bool = try reader.bool(field)
      case 14: color = try reader.enum(field)
      case 15: string = try reader.string(field)
      case 16: bytes = try reader.bytes(field)
      case 17: try reader.message(field, into: &leaf)
      case 18: try reader.appendMessage(field, to: &children)
      default: try mergeRepeated(field, from: &reader)
      }
    }
  }

  private mutating func mergeRepeated(
    _ field: WireField, from reader: inout WireReader
  ) throws(WireError) {
    switch field.number {
    case 21: try reader.appendInt32(field, to: &int32s)
    case 22: try reader.appendInt64(field, to: &int64s)
    case 23: try reader.appendUInt32(field, to: &uint32s)
    case 24: try reader.appendUInt64(field, to: &uint64s)
    case 25: try reader.appendSInt32(field, to: &sint32s)
    case 26: try reader.appendSInt64(field, to: &sint64s)
    case 27: try reader.appendFixed32(field, to: &fixed32s)
    case 28: try reader.appendFixed64(field, to: &fixed64s)
    case 29: try reader.appendSFixed32(field, to: &sfixed32s)
    case 30: try reader.appendSFixed64(field, to: &sfixed64s)
    case 31: try reader.appendFloat(field, to: &floats)
    case 32: try reader.appendDouble(field, to: &doubles)
    case 33: try reader.appendBool(field, to: &bools)
    case 34: try reader.appendEnum(field, to: &colors)
    case 35: try reader.appendString(field, to: &strings)
    case 36: try reader.appendBytes(field, to: &byteses)
    case 37: try reader.appendInt32(field, to: &unpackedInt32s)
    case 38: try reader.appendFixed32(field, to: &unpackedFixed32s)
    default: try mergeChoiceAndMaps(field, from: &reader)
    }
  }

  private mutating func mergeChoiceAndMaps(
    _ field: WireField, from reader: inout WireReader
  ) throws(WireError) {
    switch field.number {
    case 41: choice = .number(try reader.int32(field))
    case 42: choice = .text(try reader.string(field))
    case 43:
      var leaf = if case .leaf(let known)? = choice { known } else { Leaf() }
      try reader.message(field, into: &leaf)
      choice = .leaf(leaf)
    case 51: try reader.mapEntry(field, into: &stringToString)
    case 52: try reader.mapEntry(field, into: &stringToBytes)
    case 53: try reader.mapEntry(field, into: &stringToLeaf)
    case 54:
      try reader.mapEntry(
        field, into: &sint32ToSfixed64, key: ProtoSInt32.self, value: ProtoSFixed64.self)
    case 55: try reader.mapEntry(field, into: &boolToColor)
    case 56: try reader.mapEntry(field, into: &uint64ToDouble)
    default: try reader.skip(field)
    }
  }

  func encode(into writer: inout WireWriter) {
    writer.int32(1, int32)
    writer.int64(2, int64)
    writer.uint32(3, uint32)
    writer.uint64(4, uint64)
    writer.sint32(5, sint32)
    writer.sint64(6, sint64)
    writer.fixed32(7, fixed32)
    writer.fixed64(8, fixed64)
    writer.sfixed32(9, sfixed32)
    writer.sfixed64(10, sfixed64)
    writer.float(11, float)
    writer.double(12, double)
    writer.bool(13, bool)
    writer.enum(14, color)
    writer.string(15, string)
    writer.bytes(16, bytes)
    writer.message(17, leaf)
    writer.repeatedMessage(18, children)
    encodeRepeated(into: &writer)
    switch choice {
    case .number(let number): writer.int32(41, number, always: true)
    case .text(let text): writer.string(42, text, always: true)
    case .leaf(let leaf): writer.message(43, leaf, always: true)
    case nil: break
    }
    writer.map(51, stringToString)
    writer.map(52, stringToBytes)
    writer.map(53, stringToLeaf)
    writer.map(54, sint32ToSfixed64, key: ProtoSInt32.self, value: ProtoSFixed64.self)
    writer.map(55, boolToColor)
    writer.map(56, uint64ToDouble)
  }

  private func encodeRepeated(into writer: inout WireWriter) {
    writer.packedInt32(21, int32s)
    writer.packedInt64(22, int64s)
    writer.packedUInt32(23, uint32s)
    writer.packedUInt64(24, uint64s)
    writer.packedSInt32(25, sint32s)
    writer.packedSInt64(26, sint64s)
    writer.packedFixed32(27, fixed32s)
    writer.packedFixed64(28, fixed64s)
    writer.packedSFixed32(29, sfixed32s)
    writer.packedSFixed64(30, sfixed64s)
    writer.packedFloat(31, floats)
    writer.packedDouble(32, doubles)
    writer.packedBool(33, bools)
    writer.packedEnum(34, colors)
    writer.repeatedString(35, strings)
    writer.repeatedBytes(36, byteses)
    writer.unpacked(37, unpackedInt32s, as: ProtoInt32.self)
    writer.unpacked(38, unpackedFixed32s, as: ProtoFixed32.self)
  }
}
