/// The JSON form of protobuf messages (https://protobuf.dev/programming-guides/json/), by their
/// descriptors: no message needs code of its own. docs/codec.md says what is accepted beside what
/// is written.
package struct JSONMapping: Sendable {
  package let catalog: ProtoCatalog

  /// Messages inside each other at most, the outermost included.
  static let nestingMax = 100

  package init(_ catalog: ProtoCatalog) {
    self.catalog = catalog
  }

  /// The bytes of the message that a document stands for.
  ///
  /// - Parameter message: its full name
  package func wireBytes(
    of document: JSONValue, as message: String
  ) throws(JSONMappingError) -> [UInt8] {
    try JSONReading(catalog).message(document, message, .root, depth: 1)
  }

  /// The document for the bytes of a message. Equal messages give equal documents; fields at their
  /// default are left out.
  ///
  /// - Parameter message: its full name
  package func document(
    of bytes: [UInt8], as message: String
  ) throws(JSONMappingError) -> JSONValue {
    try JSONWriting(catalog).message(bytes, message, .root, depth: 1)
  }

  /// One value from text: a path's segment or a query parameter. Numbers, booleans and enums are
  /// read from their text, and what has a string in JSON is that string.
  package static func value(of text: String, for field: FieldSchema) -> JSONValue {
    switch field.kind {
    case .bool:
      switch text {
      case "true": .bool(true)
      case "false": .bool(false)
      default: .string(text)
      }
    case .enumeration:
      DecimalText(text) == nil ? .string(text) : .number(text)
    default: .string(text)
    }
  }
}
