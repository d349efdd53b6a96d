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

  /// The request with the fields in it, as if one copy were made after the other.
  ///
  /// - Parameter reply: the bytes of the reply that a copy takes from; nil: the copy is left out
  static func apply(
    _ copies: [FieldCopy], to request: [UInt8], within limits: Passing.Limits,
    reply: (FieldCopy) throws(Passing.Problem) -> [UInt8]?
  ) throws(Passing.Problem) -> [UInt8] {
    let found = try fields(of: copies, reply)
    var edits: [Edit] = []
    for (copy, values) in zip(copies, found) {
      guard let values else { continue }
      if values.isEmpty {
        throw Passing.Problem(
          branch: copy.from, text: "its reply has no field \(spoken(copy.fromPath))")
      }
      // A group ends with a tag that repeats its number.
      if values.contains(where: { $0.wireType == .startGroup }) {
        throw Passing.Problem(
          branch: copy.from, text: "field \(spoken(copy.fromPath)) of its reply is a group")
      }
      edits.append(Edit(copy: copy, path: copy.toPath[...], values: values))
    }
    return edits.isEmpty ? request : try set(edits, in: request[...], within: limits)
  }

  private static func spoken(_ path: [UInt32]) -> String {
    path.map(String.init).joined(separator: ".")
  }

  // MARK: Reading replies

  /// What each copy takes; nil: it is left out. A reply is read once for all copies of it.
  private static func fields(
    of copies: [FieldCopy], _ reply: (FieldCopy) throws(Passing.Problem) -> [UInt8]?
  ) throws(Passing.Problem) -> [[RawField]?] {
    var found: [[RawField]?] = Array(repeating: nil, count: copies.count)
    var sources: [(branch: String, reply: [UInt8], wanted: [Wanted])] = []
    for (index, copy) in copies.enumerated() {
      guard let bytes = try reply(copy) else { continue }
      found[index] = []
      let wanted = Wanted(copy: index, path: copy.fromPath[...])
      if let known = sources.firstIndex(where: { $0.branch == copy.from }) {
        sources[known].wanted.append(wanted)
      } else {
        sources.append((copy.from, bytes, [wanted]))
      }
    }
    for source in sources {
      do {
        try find(source.wanted, in: source.reply[...], &found)
      } catch {
        throw Passing.Problem(
          branch: source.branch, text: "its reply is no protobuf message: \(error)")
      }
    }
    return found
  }

  /// What is left of a copy's path on the way down.
  private struct Wanted {
    let copy: Int
    let path: ArraySlice<UInt32>
  }

  private static func find(
    _ wanted: [Wanted], in message: ArraySlice<UInt8>, _ found: inout [[RawField]?]
  ) throws(WireError) {
    var byNumber: [UInt32: [Wanted]] = [:]
    for want in wanted {
      if let number = want.path.first {
        byNumber[number, default: []].append(want)
      } else {
        found[want.copy] = [RawField(number: 1, wireType: .lengthDelimited, value: message)]
      }
    }
    if byNumber.isEmpty { return }
    let fields = try occurrences(of: Set(byNumber.keys), in: message) { _ in }
    for (number, wanted) in byNumber {
      guard let fields = fields[number] else { continue }
      var deeper: [Wanted] = []
      for want in wanted {
        if want.path.count == 1 {
          found[want.copy] = fields
        } else {
          deeper.append(Wanted(copy: want.copy, path: want.path.dropFirst()))
        }
      }
      if !deeper.isEmpty { try find(deeper, in: merged(fields), &found) }
    }
  }

  // MARK: Writing the request

  /// Puts values in the place of a field, which is left of a copy's path on the way down.
  private struct Edit {
    let copy: FieldCopy
    let path: ArraySlice<UInt32>
    let values: [RawField]
  }

  /// The message with all edits made. It is read once, whatever their number.
  private static func set(
    _ edits: [Edit], in message: ArraySlice<UInt8>, within limits: Passing.Limits
  ) throws(Passing.Problem) -> [UInt8] {
    // A field that is set stands behind all others: they come in the order of their last edits.
    var places: [(number: UInt32, edits: [Edit])] = []
    for edit in edits {
      guard let number = edit.path.first else { continue }
      var place = (number: number, edits: [Edit]())
      if let known = places.firstIndex(where: { $0.number == number }) {
        place = places.remove(at: known)
      }
      // What was set before is replaced.
      if edit.path.count == 1 { place.edits = [] }
      place.edits.append(edit)
      places.append(place)
    }
    let before: [UInt32: [RawField]]
    var others: [UInt8] = []
    do {
      before = try occurrences(of: Set(places.map(\.number)), in: message) {
        $0.append(to: &others)
      }
    } catch {
      throw noRoom(edits[0].copy, error)
    }
    var result = limits.emptyPayload
    try result.append(others)
    for place in places {
      let number = Int(place.number)
      var deeper = place.edits[...]
      var base = before[place.number] ?? []
      if let whole = deeper.first, whole.path.count == 1 {
        base = whole.values
        deeper = deeper.dropFirst()
      }
      if deeper.isEmpty {
        for value in base {
          try result.append(
            RawField(number: number, wireType: value.wireType, value: value.value))
        }
      } else {
        let inner = try set(
          deeper.map { Edit(copy: $0.copy, path: $0.path.dropFirst(), values: $0.values) },
          in: merged(base), within: limits)
        try result.append(
          RawField(number: number, wireType: .lengthDelimited, value: inner[...]))
      }
    }
    return result.bytes
  }

  private static func noRoom(_ copy: FieldCopy, _ error: WireError) -> Passing.Problem {
    Passing.Problem(
      branch: copy.from,
      text: "the payload has no room for field \(spoken(copy.toPath)): \(error)")
  }

  // MARK: Both

  /// The fields of a message that have one of the numbers, by number; the others go to `other`.
  private static func occurrences(
    of numbers: Set<UInt32>, in message: ArraySlice<UInt8>, other: (RawField) -> Void
  ) throws(WireError) -> [UInt32: [RawField]] {
    var found: [UInt32: [RawField]] = [:]
    try RawField.forEach(of: message) { field in
      let number = UInt32(field.number)
      if numbers.contains(number) {
        found[number, default: []].append(field)
      } else {
        other(field)
      }
    }
    return found
  }

  /// The occurrences of a sub-message one after the other, which is their merge (protobuf encoding,
  /// "Last One Wins").
  private static func merged(_ fields: [RawField]) -> ArraySlice<UInt8> {
    let parts = fields.filter { $0.wireType == .lengthDelimited }
    if parts.count == 1 { return parts[0].value }
    return parts.reduce(into: [UInt8]()) { $0 += $1.value }[...]
  }
}
