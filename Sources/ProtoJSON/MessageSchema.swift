import Messages

/// A message as its JSON form needs it.
package struct MessageSchema: Sendable {
  /// Package and name: `caravan.v1.Transaction`.
  package let name: String
  package let comment: String
  /// Ascending by number.
  package let fields: [FieldSchema]
  /// The compiler made it for the entries of a map.
  package let isMapEntry: Bool
  /// Index in `fields` by either name of the field in JSON.
  private let indexByName: [String: Int]
  private let indexByNumber: [Int: Int]

  init(
    _ message: GoogleProtobuf.DescriptorProto, _ name: String, _ path: [Int32],
    _ comments: CommentIndex
  ) {
    self.name = name
    comment = comments[path]
    isMapEntry = message.options?.mapEntry ?? false
    let entries = Set(
      message.nestedTypes.filter { $0.options?.mapEntry ?? false }.map { ".\(name).\($0.name)" })
    fields = message.fields.enumerated().map { index, field in
      FieldSchema(
        field, isMap: entries.contains(field.typeName), comment: comments[path + [2, Int32(index)]])
    }.sorted { $0.number < $1.number }
    var byName: [String: Int] = [:]
    var byNumber: [Int: Int] = [:]
    for (index, field) in fields.enumerated() {
      byName[field.name] = index
      byName[field.jsonName] = index
      byNumber[field.number] = index
    }
    indexByName = byName
    indexByNumber = byNumber
  }

  /// The index of a field by its original name or its name in JSON.
  func index(named name: String) -> Int? { indexByName[name] }

  /// The index of a field by its number.
  func index(numbered number: Int) -> Int? { indexByNumber[number] }

  /// A field by its original name or its name in JSON.
  package func field(named name: String) -> FieldSchema? { indexByName[name].map { fields[$0] } }
}

/// A field of a message.
package struct FieldSchema: Sendable {
  /// What a value is.
  package enum Kind: Sendable, Equatable {
    case double, float, bool, string, bytes
    case int32, sint32, sfixed32, uint32, fixed32
    case int64, sint64, sfixed64, uint64, fixed64
    /// A message, by its full name.
    case message(String)
    /// An enum, by its full name.
    case enumeration(String)
    /// A group of proto2, which has no form in JSON.
    case group
  }

  /// The name in the `.proto`.
  package let name: String
  /// The name that is written in JSON: lower camel case.
  package let jsonName: String
  package let number: Int
  package let kind: Kind
  package let isRepeated: Bool
  /// A map: its kind is the message of its entries.
  package let isMap: Bool
  /// Index of its oneof, those that stand for `optional` included.
  package let oneof: Int?
  package let comment: String

  init(_ field: GoogleProtobuf.FieldDescriptorProto, isMap: Bool, comment: String) {
    name = field.name
    jsonName = field.jsonName
    number = Int(field.number)
    isRepeated = field.label == 3
    self.isMap = isMap
    oneof = field.oneofIndex.map(Int.init)
    self.comment = comment
    kind = Kind(type: field.type, name: String(field.typeName.dropFirst()))
  }
}

extension FieldSchema.Kind {
  /// - Parameter type: a `FieldDescriptorProto.Type`
  fileprivate init(type: Int32, name: String) {
    switch type {
    case 1: self = .double
    case 2: self = .float
    case 3: self = .int64
    case 4: self = .uint64
    case 5: self = .int32
    case 6: self = .fixed64
    case 7: self = .fixed32
    case 8: self = .bool
    case 9: self = .string
    case 11: self = .message(name)
    case 12: self = .bytes
    case 13: self = .uint32
    case 14: self = .enumeration(name)
    case 15: self = .sfixed32
    case 16: self = .sfixed64
    case 17: self = .sint32
    case 18: self = .sint64
    default: self = .group
    }
  }

  /// How one value stands on the wire.
  enum Shape { case varint, fixed32, fixed64, lengthDelimited }

  var shape: Shape {
    switch self {
    case .bool, .int32, .sint32, .uint32, .int64, .sint64, .uint64, .enumeration: .varint
    case .float, .fixed32, .sfixed32: .fixed32
    case .double, .fixed64, .sfixed64: .fixed64
    case .string, .bytes, .message, .group: .lengthDelimited
    }
  }
}

/// An enum.
package struct EnumSchema: Sendable {
  /// Package and name: `caravan.v1.State`.
  package let name: String
  package let comment: String
  /// Names, numbers and comments in the order of their declaration.
  package let values: [(name: String, number: Int32, comment: String)]

  init(
    _ type: GoogleProtobuf.EnumDescriptorProto, _ name: String, _ path: [Int32],
    _ comments: CommentIndex
  ) {
    self.name = name
    comment = comments[path]
    values = type.values.enumerated().map { index, value in
      (name: value.name, number: value.number, comment: comments[path + [2, Int32(index)]])
    }
  }

  /// The number of a name.
  func number(_ name: String) -> Int32? { values.first { $0.name == name }?.number }

  /// The first name of a number.
  func name(_ number: Int32) -> String? { values.first { $0.number == number }?.name }
}
