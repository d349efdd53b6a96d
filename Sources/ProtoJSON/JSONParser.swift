/// Reads one document from memory that its caller keeps in place.
struct JSONParser {
  private let bytes: UnsafeBufferPointer<UInt8>
  private var position = 0
  private var depth = 0

  /// Members of an object up to which duplicate names are looked for one by one.
  private static let fewMembers = 16

  init(bytes: UnsafeBufferPointer<UInt8>) {
    self.bytes = bytes
  }

  mutating func document() throws(JSONError) -> JSONValue {
    let value = try value()
    skipSpace()
    if position < bytes.count { throw error(.trailing) }
    return value
  }

  /// The value that the bytes begin with, and how many of them it takes.
  mutating func prefix() throws(JSONError) -> (value: JSONValue, count: Int) {
    (try value(), position)
  }

  private func error(_ code: JSONError.Code) -> JSONError {
    JSONError(code: code, offset: position)
  }

  private func unexpected() -> JSONError {
    position < bytes.count ? error(.unexpected(bytes[position])) : error(.truncated)
  }

  private mutating func skipSpace() {
    while position < bytes.count {
      switch bytes[position] {
      case 0x20, 0x09, 0x0a, 0x0d: position += 1
      default: return
      }
    }
  }

  private mutating func takes(_ byte: UInt8) -> Bool {
    guard position < bytes.count, bytes[position] == byte else { return false }
    position += 1
    return true
  }

  private mutating func value() throws(JSONError) -> JSONValue {
    skipSpace()
    guard position < bytes.count else { throw error(.truncated) }
    switch bytes[position] {
    case UInt8(ascii: "{"): return try object()
    case UInt8(ascii: "["): return try array()
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "t"): return try word("true", .bool(true))
    case UInt8(ascii: "f"): return try word("false", .bool(false))
    case UInt8(ascii: "n"): return try word("null", .null)
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return .number(try number())
    default: throw unexpected()
    }
  }

  private mutating func word(
    _ word: StaticString, _ value: JSONValue
  ) throws(JSONError) -> JSONValue {
    for index in 0..<word.utf8CodeUnitCount {
      guard takes(word.utf8Start[index]) else { throw unexpected() }
    }
    return value
  }

  // MARK: arrays and objects

  private mutating func enter() throws(JSONError) {
    guard depth < JSONValue.nestingMax else { throw error(.nesting) }
    depth += 1
    position += 1
  }

  private mutating func array() throws(JSONError) -> JSONValue {
    try enter()
    defer { depth -= 1 }
    var values: [JSONValue] = []
    skipSpace()
    if takes(UInt8(ascii: "]")) { return .array(values) }
    while true {
      values.append(try value())
      skipSpace()
      if takes(UInt8(ascii: "]")) { return .array(values) }
      guard takes(UInt8(ascii: ",")) else { throw unexpected() }
    }
  }

  private mutating func object() throws(JSONError) -> JSONValue {
    try enter()
    defer { depth -= 1 }
    var members: [JSONValue.Member] = []
    var names: Set<[UInt8]> = []
    skipSpace()
    if takes(UInt8(ascii: "}")) { return .object(members) }
    while true {
      skipSpace()
      let start = position
      guard position < bytes.count, bytes[position] == UInt8(ascii: "\"") else {
        throw unexpected()
      }
      let name = try string()
      // Byte by byte: for Swift, é in one scalar and in two are the same.
      let isNew: Bool
      if members.count < Self.fewMembers {
        isNew = !members.contains { $0.name.utf8.elementsEqual(name.utf8) }
      } else {
        if names.isEmpty { names = Set(members.map { Array($0.name.utf8) }) }
        isNew = names.insert(Array(name.utf8)).inserted
      }
      guard isNew else { throw JSONError(code: .duplicate(name), offset: start) }
      skipSpace()
      guard takes(UInt8(ascii: ":")) else { throw unexpected() }
      members.append(JSONValue.Member(name, try value()))
      skipSpace()
      if takes(UInt8(ascii: "}")) { return .object(members) }
      guard takes(UInt8(ascii: ",")) else { throw unexpected() }
    }
  }

  // MARK: numbers

  private mutating func number() throws(JSONError) -> String {
    let start = position
    _ = takes(UInt8(ascii: "-"))
    if takes(UInt8(ascii: "0")) {
      if digits() > 0 { throw JSONError(code: .number, offset: start) }
    } else if digits() == 0 {
      throw JSONError(code: .number, offset: start)
    }
    if takes(UInt8(ascii: ".")), digits() == 0 { throw JSONError(code: .number, offset: start) }
    if takes(UInt8(ascii: "e")) || takes(UInt8(ascii: "E")) {
      if !takes(UInt8(ascii: "-")) { _ = takes(UInt8(ascii: "+")) }
      if digits() == 0 { throw JSONError(code: .number, offset: start) }
    }
    return String(decoding: UnsafeBufferPointer(rebasing: bytes[start..<position]), as: UTF8.self)
  }

  /// Passes over digits; returns how many there were.
  private mutating func digits() -> Int {
    let start = position
    while position < bytes.count, bytes[position] &- UInt8(ascii: "0") < 10 { position += 1 }
    return position - start
  }

  // MARK: strings

  private mutating func string() throws(JSONError) -> String {
    position += 1
    let start = position
    while position < bytes.count {
      switch bytes[position] {
      case UInt8(ascii: "\""):
        let text = try text(UnsafeBufferPointer(rebasing: bytes[start..<position]), start)
        position += 1
        return text
      case UInt8(ascii: "\\"): return try escapedString(start)
      case 0..<0x20: throw error(.control)
      default: position += 1
      }
    }
    throw error(.truncated)
  }

  private func text(
    _ bytes: UnsafeBufferPointer<UInt8>, _ start: Int
  ) throws(JSONError) -> String {
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw JSONError(code: .utf8, offset: start)
    }
    return text
  }

  /// The rest of a string whose first escape has been met.
  private mutating func escapedString(_ start: Int) throws(JSONError) -> String {
    var plain = Array(bytes[start..<position])
    while position < bytes.count {
      let byte = bytes[position]
      switch byte {
      case UInt8(ascii: "\""):
        let end = plain.withUnsafeBufferPointer { String(validating: $0, as: UTF8.self) }
        guard let text = end else { throw JSONError(code: .utf8, offset: start) }
        position += 1
        return text
      case UInt8(ascii: "\\"): try escape(into: &plain)
      case 0..<0x20: throw error(.control)
      default:
        plain.append(byte)
        position += 1
      }
    }
    throw error(.truncated)
  }

  private mutating func escape(into plain: inout [UInt8]) throws(JSONError) {
    let start = position
    position += 1
    guard position < bytes.count else { throw error(.truncated) }
    let letter = bytes[position]
    position += 1
    switch letter {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): plain.append(letter)
    case UInt8(ascii: "b"): plain.append(0x08)
    case UInt8(ascii: "f"): plain.append(0x0c)
    case UInt8(ascii: "n"): plain.append(0x0a)
    case UInt8(ascii: "r"): plain.append(0x0d)
    case UInt8(ascii: "t"): plain.append(0x09)
    case UInt8(ascii: "u"):
      let scalar = try unicodeEscape(start)
      plain.append(contentsOf: UTF8.encode(scalar).unsafelyUnwrapped)
    default: throw JSONError(code: .escape, offset: start)
    }
  }

  /// A scalar from one `\uXXXX`, or from the two of a surrogate pair.
  private mutating func unicodeEscape(_ start: Int) throws(JSONError) -> UnicodeScalar {
    let first = try fourDigits(start)
    if let scalar = UnicodeScalar(first) { return scalar }
    guard first < 0xdc00, takes(UInt8(ascii: "\\")), takes(UInt8(ascii: "u")) else {
      throw JSONError(code: .surrogate, offset: start)
    }
    let second = try fourDigits(start)
    guard (0xdc00...0xdfff).contains(second),
      let scalar = UnicodeScalar(
        0x10000 + (UInt32(first) - 0xd800) << 10 + (UInt32(second) - 0xdc00))
    else { throw JSONError(code: .surrogate, offset: start) }
    return scalar
  }

  private mutating func fourDigits(_ start: Int) throws(JSONError) -> UInt16 {
    var value: UInt16 = 0
    for _ in 0..<4 {
      guard position < bytes.count else { throw error(.truncated) }
      guard let digit = Character(UnicodeScalar(bytes[position])).hexDigitValue,
        bytes[position] < 0x80
      else { throw JSONError(code: .escape, offset: start) }
      value = value << 4 | UInt16(digit)
      position += 1
    }
    return value
  }
}
