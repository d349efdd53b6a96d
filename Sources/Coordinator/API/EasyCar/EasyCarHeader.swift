import ProtoJSON

/// `reqHeader`: metadata or headers of a call, as a JSON object of strings in a string.
enum EasyCarHeader {
  /// Names under which a participant finds transaction and branch, as easycar sets them.
  static let transaction = "easycargid"
  static let branch = "easycarbranchid"
  /// Bytes of the JSON: more than any metadata that may be sent needs.
  static let bytesMax = 64 << 10

  struct Problem: Error, Equatable {
    let reason: String
  }

  /// The entries, their names in lower case; nothing, `null` and an object without entries are
  /// none. The two names that the coordinator sets are left out.
  static func read(_ text: String) throws(Problem) -> [String: String] {
    let bytes = text.utf8
    if bytes.allSatisfy({ $0 == 0x20 || (0x09...0x0D).contains($0) }) || text == "null" {
      return [:]
    }
    guard bytes.count <= bytesMax else {
      throw Problem(reason: "has \(bytes.count) bytes; at most \(bytesMax)")
    }
    let value: JSONValue
    do {
      value = try JSONValue(parsing: text)
    } catch {
      throw Problem(
        reason:
          "\(Quotation.of(text)) is no JSON (\(error)); write {\"name\": \"value\"}, "
          + "or nothing")
    }
    switch value {
    case .object(let members): return try entries(of: members)
    case .null: return [:]
    case .array, .string, .bool, .number:
      throw Problem(reason: "is JSON, and no object; write {\"name\": \"value\"}")
    }
  }

  private static func entries(
    of object: [JSONValue.Member]
  ) throws(Problem) -> [String: String] {
    var entries: [String: String] = [:]
    for member in object {
      let lowered = member.name.lowercased()
      if lowered == transaction || lowered == branch { continue }
      let text: String
      switch member.value {
      case .string(let written): text = written
      case .null: text = ""
      case .object, .array, .bool, .number:
        throw Problem(reason: "the value of \(Quotation.of(member.name)) is no string")
      }
      guard entries.updateValue(text, forKey: lowered) == nil else {
        throw Problem(
          reason: "\(Quotation.of(lowered)) stands there twice, in upper and lower case")
      }
    }
    return entries
  }

  /// The JSON of what a caller registered, ordered by name; empty where that is nothing.
  static func write(_ metadata: [String: String]) -> String {
    let own = metadata.filter { $0.key != transaction && $0.key != branch }
    if own.isEmpty { return "" }
    return JSONValue.object(
      own.sorted { $0.key < $1.key }.map { JSONValue.Member($0.key, .string($0.value)) }
    ).text
  }
}
