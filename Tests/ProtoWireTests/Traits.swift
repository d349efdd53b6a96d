import ProtoWire

/// What an encoded `Everything` has in it that the oracles are known (docs/codec.md) to take in
/// another way than the codec.
struct Traits: OptionSet {
  let rawValue: Int

  /// libprotobuf-c refuses groups.
  static let group = Traits(rawValue: 1)
  /// libprotobuf-c takes the last of a sub-message's occurrences, instead of merging them.
  static let repeatedSubMessage = Traits(rawValue: 2)
  /// Python takes a map's entry for an unknown field when it has fields but key and value.
  static let strangeMapEntry = Traits(rawValue: 4)
  /// Python compares keys by bytes, Swift by canonical equivalence.
  static let equivalentKeys = Traits(rawValue: 8)
  /// libprotobuf-c refuses lengths of more than five bytes.
  static let longLength = Traits(rawValue: 16)
}

extension Traits {
  /// A field, the bytes of its tag and length, and its value.
  private typealias Field = (field: WireField, headBytes: Int, value: [UInt8])

  private enum Kind { case everything, leaf, entry, leafEntry }

  init(of everything: [UInt8]) {
    self = []
    add(everything, as: .everything)
  }

  private mutating func add(_ message: [UInt8], as kind: Kind) {
    var subMessages: Set<Int> = []
    var keys: [Int: [[UInt8]]] = [:]
    for (field, headBytes, value) in Traits.fields(of: message) {
      if field.wireType == .startGroup { insert(.group) }
      if field.wireType != .lengthDelimited { continue }
      if headBytes > 6 { insert(.longLength) }
      switch (kind, field.number) {
      case (.everything, 17), (.everything, 43), (.leafEntry, 2):
        if !subMessages.insert(field.number).inserted { insert(.repeatedSubMessage) }
        add(value, as: .leaf)
      case (.everything, 18):
        add(value, as: .everything)
      case (.everything, 51...56):
        add(value, as: field.number == 53 ? .leafEntry : .entry)
        let parts = Traits.fields(of: value)
        if parts.contains(where: { $0.field.number > 2 }) { insert(.strangeMapEntry) }
        keys[field.number, default: []].append(parts.last { $0.field.number == 1 }?.value ?? [])
      default: break
      }
    }
    for bytes in keys.values
    where Set(bytes).count > Set(bytes.map { String(decoding: $0, as: UTF8.self) }).count {
      insert(.equivalentKeys)
    }
  }

  /// The fields up to the first that cannot be read; values of length-delimited fields alone.
  private static func fields(of message: [UInt8]) -> [Field] {
    var fields: [Field] = []
    try? WireReader.withReader(over: message) { reader throws(WireError) in
      while let field = try reader.nextField() {
        if field.wireType == .lengthDelimited {
          let value = try reader.bytes(field)
          fields.append((field, reader.offset - field.offset - value.count, value))
        } else {
          try reader.skip(field)
          fields.append((field, 0, []))
        }
      }
    }
    return fields
  }
}
