import Messages
import ProtoWire

/// From the bytes of a message to a document.
struct JSONWriting {
  private let catalog: ProtoCatalog

  init(_ catalog: ProtoCatalog) {
    self.catalog = catalog
  }

  /// What was read of one field.
  private enum Found {
    case value(WireValue)
    case values([WireValue])
    /// The parts of a message that came in parts, one behind the other: that merges them.
    case message([UInt8])
  }

  func message(
    _ bytes: [UInt8], _ name: String, _ path: JSONPath, depth: Int
  ) throws(JSONMappingError) -> JSONValue {
    guard depth <= JSONMapping.nestingMax else {
      throw JSONMappingError(path, "messages nest deeper than \(JSONMapping.nestingMax) levels")
    }
    do {
      switch name {
      case WellKnown.any: return try anyMessage(bytes, path, depth)
      case WellKnown.duration:
        guard let text = try WellKnown.durationText(bytes) else {
          throw JSONMappingError(path, "is no duration of at most 10,000 years with one sign")
        }
        return .string(text)
      case WellKnown.timestamp:
        guard let text = try WellKnown.timestampText(bytes) else {
          throw JSONMappingError(path, "is no time in the years 1 to 9999")
        }
        return .string(text)
      default:
        guard let schema = catalog.messages[name] else {
          throw JSONMappingError(path, "no message \(name) is known")
        }
        return .object(try members(try found(bytes, schema), schema, path, depth))
      }
    } catch let error as JSONMappingError {
      throw error
    } catch {
      throw JSONMappingError(path, "is no \(name): \(error)")
    }
  }

  /// The fields that are there, by their index: the last value wins, messages merge, of a oneof the
  /// last member is left.
  private func found(_ bytes: [UInt8], _ schema: MessageSchema) throws(WireError) -> [Int: Found] {
    try WireReader.withReader(over: bytes) { (reader) throws(WireError) in
      var found: [Int: Found] = [:]
      var members: [Int: Int] = [:]
      while let field = try reader.nextField() {
        guard let index = schema.index(numbered: field.number) else {
          try reader.skip(field)
          continue
        }
        let known = schema.fields[index]
        if known.kind == .group {
          try reader.skip(field)
          continue
        }
        if let oneof = known.oneof, let other = members.updateValue(index, forKey: oneof),
          other != index
        {
          found[other] = nil
        }
        if known.isRepeated {
          var values: [WireValue] = []
          if case .values(let before)? = found.removeValue(forKey: index) { values = before }
          try reader.append(field, known.kind, to: &values)
          found[index] = .values(values)
        } else if case .message = known.kind {
          var parts: [UInt8] = []
          if case .message(let before)? = found.removeValue(forKey: index) { parts = before }
          parts += try reader.bytes(field)
          found[index] = .message(parts)
        } else {
          found[index] = .value(try reader.value(field, known.kind))
        }
      }
      return found
    }
  }

  private func members(
    _ found: [Int: Found], _ schema: MessageSchema, _ path: JSONPath, _ depth: Int
  ) throws(JSONMappingError) -> [JSONValue.Member] {
    var members: [JSONValue.Member] = []
    for (index, field) in schema.fields.enumerated() {
      guard let item = found[index] else { continue }
      let place = JSONPath.member(path, field.jsonName)
      let value: JSONValue
      switch item {
      case .value(let wire):
        if wire.isDefault, field.oneof == nil { continue }
        value = try json(field.kind, wire, place, depth)
      case .message(let bytes):
        value = try json(field.kind, .bytes(bytes), place, depth)
      case .values(let values):
        if values.isEmpty { continue }
        if field.isMap {
          value = try map(field, values, place, depth)
        } else {
          var elements: [JSONValue] = []
          for (index, wire) in values.enumerated() {
            elements.append(try json(field.kind, wire, .element(place, index), depth))
          }
          value = .array(elements)
        }
      }
      members.append(JSONValue.Member(field.jsonName, value))
    }
    return members
  }

  /// The last entry of a key wins; entries ascend by their keys.
  private func map(
    _ field: FieldSchema, _ entries: [WireValue], _ path: JSONPath, _ depth: Int
  ) throws(JSONMappingError) -> JSONValue {
    guard case .message(let name) = field.kind, let entry = catalog.messages[name],
      let keyField = entry.fields.first, let valueField = entry.fields.last
    else { throw JSONMappingError(path, "has no known type") }
    var found: [(key: MapKey, order: Int, value: JSONValue)] = []
    for (order, item) in entries.enumerated() {
      guard case .bytes(let bytes) = item else { continue }
      let parts: [Int: Found]
      do {
        parts = try self.found(bytes, entry)
      } catch {
        throw JSONMappingError(path, "has an entry that is none: \(error)")
      }
      var keyWire = WireValue.absent(keyField.kind)
      if case .value(let wire)? = parts[0] { keyWire = wire }
      // A key's text is checked like every other.
      _ = try json(keyField.kind, keyWire, path, depth)
      let key = MapKey(keyWire, keyField.kind)
      let place = JSONPath.key(path, key.text)
      let value: JSONValue =
        switch parts[1] {
        case .value(let wire)?: try json(valueField.kind, wire, place, depth + 1)
        case .message(let bytes)?: try json(valueField.kind, .bytes(bytes), place, depth + 1)
        case .values, nil:
          try json(valueField.kind, .absent(valueField.kind), place, depth + 1)
        }
      found.append((key, order, value))
    }
    found.sort { $0.key < $1.key || ($0.key == $1.key && $0.order < $1.order) }
    var members: [JSONValue.Member] = []
    for (index, item) in found.enumerated() {
      if index + 1 < found.count, found[index + 1].key == item.key { continue }
      members.append(JSONValue.Member(item.key.text, item.value))
    }
    return .object(members)
  }

  private func json(
    _ kind: FieldSchema.Kind, _ wire: WireValue, _ path: JSONPath, _ depth: Int
  ) throws(JSONMappingError) -> JSONValue {
    switch (kind, wire) {
    case (.message(let name), .bytes(let bytes)):
      return try message(bytes, name, path, depth: depth + 1)
    case (.string, .bytes(let bytes)):
      guard let text = String(validating: bytes, as: UTF8.self) else {
        throw JSONMappingError(path, "is not UTF-8")
      }
      return .string(text)
    case (.bytes, .bytes(let bytes)): return .string(Base64Text.encode(bytes))
    case (.enumeration(let name), .varint(let bits)):
      let number = ProtoInt32.value(of: bits)
      return catalog.enums[name]?.name(number).map(JSONValue.string) ?? .number(String(number))
    case (.bool, .varint(let bits)): return .bool(bits != 0)
    case (.int32, .varint(let bits)): return .number(String(ProtoInt32.value(of: bits)))
    case (.sint32, .varint(let bits)): return .number(String(ProtoSInt32.value(of: bits)))
    case (.uint32, .varint(let bits)): return .number(String(ProtoUInt32.value(of: bits)))
    case (.sint64, .varint(let bits)): return .string(String(ProtoSInt64.value(of: bits)))
    case (.uint64, .varint(let bits)): return .string(String(bits))
    case (_, .varint(let bits)): return .string(String(Int64(bitPattern: bits)))
    case (.float, .fixed32(let bits)): return Self.number(Float(bitPattern: bits))
    case (.sfixed32, .fixed32(let bits)): return .number(String(Int32(bitPattern: bits)))
    case (_, .fixed32(let bits)): return .number(String(bits))
    case (.double, .fixed64(let bits)): return Self.number(Double(bitPattern: bits))
    case (.sfixed64, .fixed64(let bits)): return .string(String(Int64(bitPattern: bits)))
    case (_, .fixed64(let bits)): return .string(String(bits))
    case (_, .bytes): throw JSONMappingError(path, "has no form in JSON")
    }
  }

  /// The shortest digits that come back as the same number.
  private static func number<Number: BinaryFloatingPoint & CustomStringConvertible>(
    _ number: Number
  ) -> JSONValue {
    if number.isNaN { return .string("NaN") }
    if number.isInfinite { return .string(number < 0 ? "-Infinity" : "Infinity") }
    return .number(number.description)
  }

  private func anyMessage(
    _ bytes: [UInt8], _ path: JSONPath, _ depth: Int
  ) throws -> JSONValue {
    let any = try GoogleProtobuf.AnyMessage(wire: bytes)
    if any.typeURL.isEmpty, any.value.isEmpty { return .object([]) }
    let name = WellKnown.messageName(ofURL: any.typeURL)
    let type = JSONValue.Member("@type", .string(any.typeURL))
    let value = try message(any.value, name, path, depth: depth + 1)
    if WellKnown.hasOwnForm(name) {
      return .object([type, JSONValue.Member("value", value)])
    }
    guard case .object(let members) = value else { return .object([type]) }
    return .object([type] + members)
  }
}
