import ProtoWire

/// From a document to the bytes of a message.
struct JSONReading {
  private let catalog: ProtoCatalog

  init(_ catalog: ProtoCatalog) {
    self.catalog = catalog
  }

  func message(
    _ value: JSONValue, _ name: String, _ path: JSONPath, depth: Int
  ) throws(JSONMappingError) -> [UInt8] {
    guard depth <= JSONMapping.nestingMax else {
      throw JSONMappingError(path, "messages nest deeper than \(JSONMapping.nestingMax) levels")
    }
    switch name {
    case WellKnown.any: return try anyMessage(value, path, depth)
    case WellKnown.duration: return try text(value, path, WellKnown.durationBytes)
    case WellKnown.timestamp: return try text(value, path, WellKnown.timestampBytes)
    default: break
    }
    guard case .object(let members) = value else {
      throw JSONMappingError(path, "is \(value.kind); write an object, a \(name)")
    }
    return try message(members, name, path, depth)
  }

  private func message(
    _ members: [JSONValue.Member], _ name: String, _ path: JSONPath, _ depth: Int
  ) throws(JSONMappingError) -> [UInt8] {
    guard let schema = catalog.messages[name] else {
      throw JSONMappingError(path, "no message \(name) is known")
    }
    var found: [(index: Int, value: JSONValue, path: JSONPath)] = []
    var names: [Int: String] = [:]
    var oneofs: [Int: String] = [:]
    for member in members {
      let place = JSONPath.member(path, member.name)
      guard let index = schema.index(named: member.name) else {
        throw JSONMappingError(place, "there is no such field in \(name)")
      }
      if let other = names.updateValue(member.name, forKey: index) {
        throw JSONMappingError(place, "is the same field as \(other), which stands there too")
      }
      if member.value == .null { continue }
      if let oneof = schema.fields[index].oneof,
        let other = oneofs.updateValue(member.name, forKey: oneof)
      {
        throw JSONMappingError(place, "cannot stand beside \(other): only one of them may be set")
      }
      found.append((index, member.value, place))
    }
    var writer = WireWriter()
    for member in found.sorted(by: { $0.index < $1.index }) {
      try field(schema.fields[member.index], member.value, member.path, depth, &writer)
    }
    return writer.bytes()
  }

  // MARK: fields

  private func field(
    _ field: FieldSchema, _ value: JSONValue, _ path: JSONPath, _ depth: Int,
    _ writer: inout WireWriter
  ) throws(JSONMappingError) {
    if field.isMap { return try map(field, value, path, depth, &writer) }
    guard field.isRepeated else {
      let wire = try wireValue(field.kind, value, path, depth)
      let hasPresence =
        if case .message = field.kind { true } else { field.oneof != nil }
      if hasPresence || !wire.isDefault { writer.field(field.number, wire) }
      return
    }
    guard case .array(let elements) = value else {
      throw JSONMappingError(path, "is \(value.kind); write an array")
    }
    var values: [WireValue] = []
    values.reserveCapacity(elements.count)
    for (index, element) in elements.enumerated() {
      values.append(try wireValue(field.kind, element, .element(path, index), depth))
    }
    writer.field(field.number, repeated: values)
  }

  private func map(
    _ field: FieldSchema, _ value: JSONValue, _ path: JSONPath, _ depth: Int,
    _ writer: inout WireWriter
  ) throws(JSONMappingError) {
    guard case .object(let members) = value else {
      throw JSONMappingError(path, "is \(value.kind); write an object")
    }
    guard case .message(let name) = field.kind, let entry = catalog.messages[name],
      let keyField = entry.fields.first, let valueField = entry.fields.last
    else { throw JSONMappingError(path, "has no known type") }
    var entries: [(key: MapKey, value: WireValue)] = []
    for member in members {
      let place = JSONPath.key(path, member.name)
      guard let key = MapKey(text: member.name, keyField.kind) else {
        throw JSONMappingError(place, "is no key; write \(Self.expected(keyField.kind))")
      }
      entries.append((key, try wireValue(valueField.kind, member.value, place, depth + 1)))
    }
    entries.sort { $0.key < $1.key }
    for (index, item) in entries.enumerated() {
      if index > 0, !(entries[index - 1].key < item.key) {
        throw JSONMappingError(path, "has the key \(item.key.text) twice")
      }
      var inner = WireWriter()
      inner.field(1, item.key.wireValue(keyField.kind))
      inner.field(2, item.value)
      writer.bytes(field.number, inner.bytes(), always: true)
    }
  }

  // MARK: values

  private func wireValue(
    _ kind: FieldSchema.Kind, _ value: JSONValue, _ path: JSONPath, _ depth: Int
  ) throws(JSONMappingError) -> WireValue {
    let wire: WireValue? =
      switch (kind, value) {
      case (.message(let name), _):
        .bytes(try message(value, name, path, depth: depth + 1))
      case (.bool, .bool(let bool)): .varint(bool ? 1 : 0)
      case (.string, .string(let text)): .bytes(Array(text.utf8))
      case (.bytes, .string(let text)): Base64Text.decode(text).map(WireValue.bytes)
      case (.enumeration(let name), .string(let text)):
        catalog.enums[name]?.number(text).map { .varint(UInt64(bitPattern: Int64($0))) }
      case (.enumeration, .number(let text)): WireValue(integer: text, .int32)
      case (.double, .number(let text)), (.double, .string(let text)): WireValue(double: text)
      case (.float, .number(let text)), (.float, .string(let text)): WireValue(float: text)
      case (_, .number(let text)), (_, .string(let text)): WireValue(integer: text, kind)
      default: nil
      }
    guard let wire else { throw refusal(kind, value, path) }
    return wire
  }

  private func text(
    _ value: JSONValue, _ path: JSONPath, _ read: (String) -> Result<[UInt8], WellKnown.Refusal>
  ) throws(JSONMappingError) -> [UInt8] {
    guard case .string(let text) = value else {
      throw JSONMappingError(path, "is \(value.kind); write a string")
    }
    switch read(text) {
    case .success(let bytes): return bytes
    case .failure(let refusal): throw JSONMappingError(path, refusal.expected)
    }
  }

  /// `{"@type": "type.googleapis.com/package.Message", …}`; types with a form of their own stand in
  /// `value`.
  private func anyMessage(
    _ value: JSONValue, _ path: JSONPath, _ depth: Int
  ) throws(JSONMappingError) -> [UInt8] {
    guard case .object(let members) = value else {
      throw JSONMappingError(path, "is \(value.kind); write an object with \"@type\"")
    }
    if members.isEmpty { return [] }
    guard case .string(let url)? = value["@type"] else {
      throw JSONMappingError(path, "has no \"@type\"")
    }
    let name = WellKnown.messageName(ofURL: url)
    guard catalog.messages[name] != nil else {
      throw JSONMappingError(.member(path, "@type"), "names no known message")
    }
    let rest = members.filter { $0.name != "@type" }
    let bytes: [UInt8]
    if WellKnown.hasOwnForm(name) {
      guard rest.count == 1, rest[0].name == "value" else {
        throw JSONMappingError(path, "has to hold \"@type\" and \"value\"")
      }
      bytes = try message(rest[0].value, name, .member(path, "value"), depth: depth + 1)
    } else {
      bytes = try message(.object(rest), name, path, depth: depth + 1)
    }
    var writer = WireWriter()
    writer.string(1, url)
    writer.bytes(2, bytes)
    return writer.bytes()
  }

  // MARK: errors

  private func refusal(
    _ kind: FieldSchema.Kind, _ value: JSONValue, _ path: JSONPath
  ) -> JSONMappingError {
    var expected = Self.expected(kind)
    if case .enumeration(let name) = kind, let schema = catalog.enums[name] {
      let names = schema.values.map(\.name)
      expected =
        names.prefix(12).joined(separator: ", ") + (names.count > 12 ? ", …" : "")
        + ", or a number"
    }
    return JSONMappingError(path, "is \(Self.shown(value)); write \(expected)")
  }

  private static func shown(_ value: JSONValue) -> String {
    switch value {
    case .number(let text) where text.utf8.count <= 40: text
    case .string(let text) where text.utf8.count <= 40: value.text
    case .bool: value.text
    default: value.kind
    }
  }

  private static func expected(_ kind: FieldSchema.Kind) -> String {
    switch kind {
    case .bool: "true or false"
    case .string: "a string"
    case .bytes: "a string of base64"
    case .double, .float: "a number"
    case .int32, .sint32, .sfixed32: "a whole number of 32 bits"
    case .uint32, .fixed32: "a whole number of 32 bits, not negative"
    case .int64, .sint64, .sfixed64: "a whole number of 64 bits"
    case .uint64, .fixed64: "a whole number of 64 bits, not negative"
    case .enumeration: "a name or a number"
    case .message: "an object"
    case .group: "nothing: groups have no form in JSON"
    }
  }
}

extension WireValue {
  /// Nil: not whole, or too large for its kind; or its kind is none of the integers.
  init?(integer text: String, _ kind: FieldSchema.Kind) {
    guard let number = DecimalText(text) else { return nil }
    switch kind {
    case .int32:
      guard let value = number.whole(Int32.self) else { return nil }
      self = .varint(ProtoInt32.bits(of: value))
    case .sint32:
      guard let value = number.whole(Int32.self) else { return nil }
      self = .varint(ProtoSInt32.bits(of: value))
    case .sfixed32:
      guard let value = number.whole(Int32.self) else { return nil }
      self = .fixed32(UInt32(bitPattern: value))
    case .uint32:
      guard let value = number.whole(UInt32.self) else { return nil }
      self = .varint(UInt64(value))
    case .fixed32:
      guard let value = number.whole(UInt32.self) else { return nil }
      self = .fixed32(value)
    case .int64:
      guard let value = number.whole(Int64.self) else { return nil }
      self = .varint(ProtoInt64.bits(of: value))
    case .sint64:
      guard let value = number.whole(Int64.self) else { return nil }
      self = .varint(ProtoSInt64.bits(of: value))
    case .sfixed64:
      guard let value = number.whole(Int64.self) else { return nil }
      self = .fixed64(UInt64(bitPattern: value))
    case .uint64:
      guard let value = number.whole(UInt64.self) else { return nil }
      self = .varint(value)
    case .fixed64:
      guard let value = number.whole(UInt64.self) else { return nil }
      self = .fixed64(value)
    case .double, .float, .bool, .string, .bytes, .message, .enumeration, .group: return nil
    }
  }

  /// Nil: no JSON number and none of the three words, or too large.
  init?(double text: String) {
    switch text {
    case "NaN": self = .fixed64(Double.nan.bitPattern)
    case "Infinity": self = .fixed64(Double.infinity.bitPattern)
    case "-Infinity": self = .fixed64((-Double.infinity).bitPattern)
    default:
      guard DecimalText(text) != nil, let value = Double(text), value.isFinite else { return nil }
      self = .fixed64(value.bitPattern)
    }
  }

  /// As `init(double:)`.
  init?(float text: String) {
    switch text {
    case "NaN": self = .fixed32(Float.nan.bitPattern)
    case "Infinity": self = .fixed32(Float.infinity.bitPattern)
    case "-Infinity": self = .fixed32((-Float.infinity).bitPattern)
    default:
      guard DecimalText(text) != nil, let value = Float(text), value.isFinite else { return nil }
      self = .fixed32(value.bitPattern)
    }
  }
}
