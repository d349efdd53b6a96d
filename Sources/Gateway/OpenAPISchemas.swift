import ProtoJSON

/// JSON schemas of messages, those that they refer to included.
struct OpenAPISchemas {
  private let catalog: ProtoCatalog
  private var schemas: [String: JSONValue] = [
    "Error": [
      "description": "A status of gRPC in JSON.", "type": "object",
      "required": .array(["code", "message", "details"]),
      "properties": [
        "code": [
          "description": "The code of gRPC: google/rpc/code.proto.", "type": "integer",
          "minimum": .number("1"), "maximum": .number("16"),
        ],
        "message": ["description": "In words.", "type": "string"],
        "details": [
          "description": "Messages that say more, each with the name of its type in `@type`.",
          "type": "array", "items": anyMessage,
        ],
      ],
    ]
  ]

  private static let anyMessage: JSONValue = [
    "type": "object", "required": .array(["@type"]),
    "properties": ["@type": ["type": "string"]],
  ]

  init(_ catalog: ProtoCatalog) {
    self.catalog = catalog
  }

  /// All schemas by name.
  var members: [JSONValue.Member] {
    schemas.sorted { $0.key < $1.key }.map { JSONValue.Member($0.key, $0.value) }
  }

  /// The schema of a message or an enum, by its full name.
  mutating func reference(_ name: String) -> JSONValue {
    switch name {
    case "google.protobuf.Duration":
      return ["type": "string", "pattern": #"^-?[0-9]{1,11}(\.[0-9]{1,9})?s$"#]
    case "google.protobuf.Timestamp": return ["type": "string", "format": "date-time"]
    case "google.protobuf.Any": return Self.anyMessage
    default: break
    }
    if schemas[name] == nil {
      // Before its own fields: a message may refer to itself.
      schemas[name] = .object([])
      if let message = catalog.messages[name] {
        schemas[name] = object(message, without: [])
      } else if let type = catalog.enums[name] {
        schemas[name] = enumeration(type)
      }
    }
    return ["$ref": .string("#/components/schemas/\(name)")]
  }

  /// The schema of a message, without the fields that stand elsewhere.
  mutating func object(_ message: MessageSchema, without left: [String]) -> JSONValue {
    let fields = message.fields.filter { !left.contains($0.name) }
    var members = [
      JSONValue.Member("description", .string(message.comment)),
      JSONValue.Member("type", "object"),
      JSONValue.Member(
        "properties", .object(fields.map { JSONValue.Member($0.jsonName, described($0)) })),
      JSONValue.Member("additionalProperties", .bool(false)),
    ]
    var pairs: [JSONValue] = []
    for (index, field) in fields.enumerated() {
      for other in fields[(index + 1)...] where field.oneof != nil && field.oneof == other.oneof {
        pairs.append([
          "not": ["required": .array([.string(field.jsonName), .string(other.jsonName)])]
        ])
      }
    }
    if !pairs.isEmpty { members.append(JSONValue.Member("allOf", .array(pairs))) }
    return .object(members)
  }

  private func enumeration(_ type: EnumSchema) -> JSONValue {
    let words = type.values.map { "- `\($0.name)`: \($0.comment)" }.joined(separator: "\n")
    return [
      "description": .string("\(type.comment)\n\n\(words)"), "type": "string",
      "enum": .array(type.values.map { .string($0.name) }),
    ]
  }

  private mutating func described(_ field: FieldSchema) -> JSONValue {
    guard case .object(let members) = self.field(field), !field.comment.isEmpty else {
      return self.field(field)
    }
    return .object([JSONValue.Member("description", .string(field.comment))] + members)
  }

  /// The schema of a field's value.
  mutating func field(_ field: FieldSchema) -> JSONValue {
    if field.isMap, case .message(let name) = field.kind,
      let value = catalog.messages[name]?.fields.last
    {
      return ["type": "object", "additionalProperties": self.value(value.kind)]
    }
    let value = value(field.kind)
    return field.isRepeated ? ["type": "array", "items": value] : value
  }

  private mutating func value(_ kind: FieldSchema.Kind) -> JSONValue {
    switch kind {
    case .message(let name), .enumeration(let name): reference(name)
    case .bool: ["type": "boolean"]
    case .string: ["type": "string"]
    case .bytes: ["type": "string", "contentEncoding": "base64"]
    case .double, .float:
      [
        "anyOf": .array([
          ["type": "number"], ["enum": .array(["NaN", "Infinity", "-Infinity"])],
        ])
      ]
    case .int32, .sint32, .sfixed32:
      [
        "type": "integer", "format": "int32", "minimum": .number("-2147483648"),
        "maximum": .number("2147483647"),
      ]
    case .uint32, .fixed32:
      ["type": "integer", "minimum": .number("0"), "maximum": .number("4294967295")]
    case .int64, .sint64, .sfixed64:
      ["type": "string", "format": "int64", "pattern": "^-?[0-9]{1,19}$"]
    case .uint64, .fixed64: ["type": "string", "format": "uint64", "pattern": "^[0-9]{1,20}$"]
    case .group: .bool(false)
    }
  }
}
