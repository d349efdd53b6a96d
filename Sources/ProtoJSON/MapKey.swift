import ProtoWire

/// A key of a map, which JSON writes as a string. The order is that in which entries stand on the
/// wire.
enum MapKey: Comparable {
  case bool(Bool)
  case signed(Int64)
  case unsigned(UInt64)
  case string(String)

  /// Nil where the text is no key of this kind.
  init?(text: String, _ kind: FieldSchema.Kind) {
    switch kind {
    case .bool:
      guard text == "true" || text == "false" else { return nil }
      self = .bool(text == "true")
    case .string: self = .string(text)
    default:
      guard let wire = WireValue(integer: text, kind) else { return nil }
      self.init(wire, kind)
    }
  }

  /// The key of a value on the wire; a string is valid UTF-8 by then.
  init(_ wire: WireValue, _ kind: FieldSchema.Kind) {
    switch (wire, kind) {
    case (.varint(let bits), .bool): self = .bool(bits != 0)
    case (.varint(let bits), .int32): self = .signed(Int64(ProtoInt32.value(of: bits)))
    case (.varint(let bits), .sint32): self = .signed(Int64(ProtoSInt32.value(of: bits)))
    case (.varint(let bits), .sint64): self = .signed(ProtoSInt64.value(of: bits))
    case (.varint(let bits), .int64): self = .signed(Int64(bitPattern: bits))
    case (.varint(let bits), .uint32): self = .unsigned(UInt64(ProtoUInt32.value(of: bits)))
    case (.varint(let bits), _): self = .unsigned(bits)
    case (.fixed32(let bits), .sfixed32): self = .signed(Int64(Int32(bitPattern: bits)))
    case (.fixed32(let bits), _): self = .unsigned(UInt64(bits))
    case (.fixed64(let bits), .sfixed64): self = .signed(Int64(bitPattern: bits))
    case (.fixed64(let bits), _): self = .unsigned(bits)
    case (.bytes(let bytes), _): self = .string(String(decoding: bytes, as: UTF8.self))
    }
  }

  var text: String {
    switch self {
    case .bool(let bool): bool ? "true" : "false"
    case .signed(let number): String(number)
    case .unsigned(let number): String(number)
    case .string(let text): text
    }
  }

  func wireValue(_ kind: FieldSchema.Kind) -> WireValue {
    switch (self, kind) {
    case (.bool(let bool), _): .varint(bool ? 1 : 0)
    case (.string(let text), _): .bytes(Array(text.utf8))
    default: WireValue(integer: text, kind) ?? .absent(kind)
    }
  }

  static func < (left: MapKey, right: MapKey) -> Bool {
    switch (left, right) {
    case (.bool(let left), .bool(let right)): !left && right
    case (.signed(let left), .signed(let right)): left < right
    case (.unsigned(let left), .unsigned(let right)): left < right
    case (.string(let left), .string(let right)): left.utf8.lexicographicallyPrecedes(right.utf8)
    default: false
    }
  }

  /// Byte by byte, as `<` is.
  static func == (left: MapKey, right: MapKey) -> Bool { !(left < right) && !(right < left) }
}
