import ProtoWire

/// Copies a field of an earlier reply into a request, both protobuf messages of types that nobody
/// here knows.
///
/// What stands for the field on the wire is copied as it is, all occurrences of it, so a repeated
/// field is copied whole; a sub-message that comes in parts counts as their merge. The participants
/// see to it that both fields are of one type.
struct FieldCopy: Equatable, Sendable {
  var from: String
  /// Field numbers; empty: the whole reply.
  var fromPath: [UInt32]
  /// Field numbers, at least one.
  var toPath: [UInt32]
  /// Where the outcome of the branch is unknown, the request goes as it is.
  var orPayload: Bool

  /// Why a field could not be copied, in words that follow "branch x: ".
  struct Problem: Error, Equatable {
    let text: String
  }

  /// The request with the field in it.
  func apply(reply: [UInt8], to request: [UInt8]) throws(Problem) -> [UInt8] {
    let found: [RawField]
    do {
      found = try Self.find(fromPath[...], in: reply[...])
    } catch {
      throw Problem(text: "its reply is no protobuf message: \(error)")
    }
    if found.isEmpty {
      throw Problem(text: "its reply has no field \(Self.spoken(fromPath))")
    }
    // A group ends with a tag that repeats its number.
    if found.contains(where: { $0.wireType == .startGroup }) {
      throw Problem(text: "field \(Self.spoken(fromPath)) of its reply is a group")
    }
    do {
      return try Self.set(toPath[...], to: found, in: request[...])
    } catch {
      throw Problem(text: "the payload has no room for field \(Self.spoken(toPath)): \(error)")
    }
  }

  static func spoken(_ path: [UInt32]) -> String { path.map(String.init).joined(separator: ".") }

  private static func find(
    _ path: ArraySlice<UInt32>, in message: ArraySlice<UInt8>
  ) throws(WireError) -> [RawField] {
    guard let number = path.first else {
      return [RawField(number: 1, wireType: .lengthDelimited, value: message)]
    }
    let fields = try RawField.fields(of: message).filter { $0.number == number }
    if path.count == 1 || fields.isEmpty { return fields }
    return try find(path.dropFirst(), in: merged(fields))
  }

  private static func set(
    _ path: ArraySlice<UInt32>, to values: [RawField], in message: ArraySlice<UInt8>
  ) throws(WireError) -> [UInt8] {
    guard let first = path.first else { return Array(message) }
    let number = Int(first)
    var result: [UInt8] = []
    var before: [RawField] = []
    for field in try RawField.fields(of: message) {
      if field.number == number { before.append(field) } else { field.append(to: &result) }
    }
    if path.count == 1 {
      for value in values {
        RawField(number: number, wireType: value.wireType, value: value.value).append(to: &result)
      }
    } else {
      let inner = try set(path.dropFirst(), to: values, in: merged(before))
      RawField(number: number, wireType: .lengthDelimited, value: inner[...]).append(to: &result)
    }
    return result
  }

  /// The occurrences of a sub-message one after the other, which is their merge (protobuf encoding,
  /// "Last One Wins").
  private static func merged(_ fields: [RawField]) -> ArraySlice<UInt8> {
    let parts = fields.filter { $0.wireType == .lengthDelimited }
    if parts.count == 1 { return parts[0].value }
    return parts.reduce(into: [UInt8]()) { $0 += $1.value }[...]
  }
}
