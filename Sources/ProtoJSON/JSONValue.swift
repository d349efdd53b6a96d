/// A JSON document (RFC 8259), with nothing of it lost: the members of an object in their order,
/// numbers as they were written.
package enum JSONValue: Equatable, Sendable {
  case null
  case bool(Bool)
  /// A number in JSON's grammar, as text, so that 64-bit integers and long fractions are exact.
  case number(String)
  case string(String)
  case array([JSONValue])
  case object([Member])

  /// A name and its value in an object.
  package struct Member: Equatable, Sendable {
    package var name: String
    package var value: JSONValue

    package init(_ name: String, _ value: JSONValue) {
      self.name = name
      self.value = value
    }
  }

  /// Arrays and objects inside each other at most.
  package static let nestingMax = 200

  /// Reads a document: UTF-8, no byte order mark, nothing behind the value but white space.
  package init(parsing bytes: [UInt8]) throws(JSONError) {
    self = try bytes.withUnsafeBufferPointer { (buffer) throws(JSONError) in
      var parser = JSONParser(bytes: buffer)
      return try parser.document()
    }
  }

  /// Reads a document.
  package init(parsing text: String) throws(JSONError) {
    try self.init(parsing: Array(text.utf8))
  }

  /// Reads the value that the bytes begin with, and leaves what follows it.
  package init(consuming bytes: inout ArraySlice<UInt8>) throws(JSONError) {
    let (value, count) = try bytes.withUnsafeBufferPointer { (buffer) throws(JSONError) in
      var parser = JSONParser(bytes: buffer)
      return try parser.prefix()
    }
    self = value
    bytes.removeFirst(count)
  }

  /// The value of an object's member; nil: no object, or no such member. Names are compared byte by
  /// byte.
  package subscript(name: String) -> JSONValue? {
    guard case .object(let members) = self else { return nil }
    return members.first { $0.name.utf8.elementsEqual(name.utf8) }?.value
  }

  /// What kind of value it is, in words: `a string`, say.
  package var kind: String {
    switch self {
    case .null: "null"
    case .bool: "a boolean"
    case .number: "a number"
    case .string: "a string"
    case .array: "an array"
    case .object: "an object"
    }
  }
}

/// Why bytes are not a JSON document.
package struct JSONError: Error, Equatable, Sendable, CustomStringConvertible {
  /// One for each cause.
  package enum Code: Equatable, Sendable {
    /// The document ends inside a value.
    case truncated
    /// A byte that cannot stand there.
    case unexpected(UInt8)
    /// A number that is not in JSON's grammar: `01`, `1.`, `+1`.
    case number
    /// A backslash that begins no escape.
    case escape
    /// `\u` escapes that are half of a surrogate pair.
    case surrogate
    /// A string that is not UTF-8.
    case utf8
    /// A control character in a string, which has to be escaped.
    case control
    /// A name that stands in its object before.
    case duplicate(String)
    /// More than `JSONValue.nestingMax` arrays and objects inside each other.
    case nesting
    /// Something behind the document.
    case trailing
  }

  package var code: Code
  /// Bytes before the place.
  package var offset: Int

  package init(code: Code, offset: Int) {
    self.code = code
    self.offset = offset
  }

  package var description: String {
    switch code {
    case .truncated: "the JSON ends inside a value, at byte \(offset)"
    case .unexpected(let byte):
      "\(Self.shown(byte)) cannot stand at byte \(offset) of the JSON"
    case .number: "no JSON number at byte \(offset)"
    case .escape: "no JSON escape at byte \(offset)"
    case .surrogate: "half of a surrogate pair at byte \(offset) of the JSON"
    case .utf8: "the JSON string at byte \(offset) is not UTF-8"
    case .control: "a control character at byte \(offset) of the JSON is not escaped"
    case .duplicate(let name):
      "the member \(JSONValue.string(String(name.prefix(64))).text) at byte \(offset) of the JSON stands in its object before"
    case .nesting:
      "arrays and objects nest deeper than \(JSONValue.nestingMax) at byte \(offset) of the JSON"
    case .trailing: "something stands behind the JSON document, at byte \(offset)"
    }
  }

  private static func shown(_ byte: UInt8) -> String {
    (0x21...0x7e).contains(byte) ? "'\(UnicodeScalar(byte))'" : "byte 0x\(String(byte, radix: 16))"
  }
}

extension JSONValue: ExpressibleByStringLiteral {
  package init(stringLiteral value: String) {
    self = .string(value)
  }
}

extension JSONValue: ExpressibleByDictionaryLiteral {
  /// An object, its members in the order of the literal; each name stands there once.
  package init(dictionaryLiteral elements: (String, JSONValue)...) {
    self = .object(elements.map { Member($0.0, $0.1) })
  }
}
