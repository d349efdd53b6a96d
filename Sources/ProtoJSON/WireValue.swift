import ProtoWire

/// One value of a field as it stands on the wire.
enum WireValue: Equatable {
  case varint(UInt64)
  case fixed32(UInt32)
  case fixed64(UInt64)
  case bytes([UInt8])

  /// What a field without presence is where nothing is written.
  var isDefault: Bool {
    switch self {
    case .varint(let bits): bits == 0
    case .fixed32(let bits): bits == 0
    case .fixed64(let bits): bits == 0
    case .bytes(let bytes): bytes.isEmpty
    }
  }

  static func absent(_ kind: FieldSchema.Kind) -> WireValue {
    switch kind.shape {
    case .varint: .varint(0)
    case .fixed32: .fixed32(0)
    case .fixed64: .fixed64(0)
    case .lengthDelimited: .bytes([])
    }
  }
}

extension WireWriter {
  /// Writes a field, its default included.
  mutating func field(_ number: Int, _ value: WireValue) {
    switch value {
    case .varint(let bits): uint64(number, bits, always: true)
    case .fixed32(let bits): fixed32(number, bits, always: true)
    case .fixed64(let bits): fixed64(number, bits, always: true)
    case .bytes(let bytes): self.bytes(number, bytes, always: true)
    }
  }

  /// Writes a repeated field: numbers packed, all else one field each.
  mutating func field(_ number: Int, repeated values: [WireValue]) {
    var varints: [UInt64] = []
    var fixed4: [UInt32] = []
    var fixed8: [UInt64] = []
    for value in values {
      switch value {
      case .varint(let bits): varints.append(bits)
      case .fixed32(let bits): fixed4.append(bits)
      case .fixed64(let bits): fixed8.append(bits)
      case .bytes: field(number, value)
      }
    }
    packed(number, varints, as: ProtoUInt64.self)
    packed(number, fixed4, as: ProtoFixed32.self)
    packed(number, fixed8, as: ProtoFixed64.self)
  }
}

extension WireReader {
  /// The value of a field that has this kind, not packed.
  mutating func value(_ field: WireField, _ kind: FieldSchema.Kind) throws(WireError) -> WireValue {
    switch kind.shape {
    case .varint: .varint(try uint64(field))
    case .fixed32: .fixed32(try fixed32(field))
    case .fixed64: .fixed64(try fixed64(field))
    case .lengthDelimited: .bytes(try bytes(field))
    }
  }

  /// One more occurrence of a repeated field, packed or not.
  mutating func append(
    _ field: WireField, _ kind: FieldSchema.Kind, to values: inout [WireValue]
  ) throws(WireError) {
    switch kind.shape {
    case .varint:
      var list: [UInt64] = []
      try append(field, to: &list, as: ProtoUInt64.self)
      for bits in list { values.append(.varint(bits)) }
    case .fixed32:
      var list: [UInt32] = []
      try append(field, to: &list, as: ProtoFixed32.self)
      for bits in list { values.append(.fixed32(bits)) }
    case .fixed64:
      var list: [UInt64] = []
      try append(field, to: &list, as: ProtoFixed64.self)
      for bits in list { values.append(.fixed64(bits)) }
    case .lengthDelimited: values.append(.bytes(try bytes(field)))
    }
  }
}
