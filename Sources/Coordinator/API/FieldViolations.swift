import Messages

/// What is wrong with a request, field by field; collected whole, so that a caller mends it in one
/// turn.
///
/// Paths are made only where something is wrong: a request that is right costs no text.
struct FieldViolations {
  /// Violations that are described one by one; past them they are counted, and the answer stays
  /// small.
  static let describedMax = 100

  private(set) var described: [GoogleRPC.BadRequest.FieldViolation] = []
  private(set) var count = 0
  /// Addresses that `participants.allow` does not permit, with the first field that names each.
  private(set) var forbidden: [(address: String, field: String)] = []

  var isEmpty: Bool { count == 0 && forbidden.isEmpty }

  mutating func add(_ path: FieldPath, _ description: @autoclosure () -> String) {
    count += 1
    guard described.count < Self.describedMax else { return }
    described.append(
      GoogleRPC.BadRequest.FieldViolation {
        $0.field = path.description
        $0.description = description()
      })
  }

  mutating func forbid(_ address: String, at path: FieldPath) {
    guard forbidden.count < Self.describedMax,
      !forbidden.contains(where: { $0.address == address })
    else { return }
    forbidden.append((address, path.description))
  }

  /// Takes over what was found in another form of the request, where the fields have other names.
  mutating func add(_ others: FieldViolations, renaming: (String) -> String) {
    count += others.count
    for var violation in others.described where described.count < Self.describedMax {
      violation.field = renaming(violation.field)
      described.append(violation)
    }
    for other in others.forbidden
    where forbidden.count < Self.describedMax
      && !forbidden.contains(where: { $0.address == other.address })
    {
      forbidden.append((other.address, renaming(other.field)))
    }
  }
}

/// The path of a field, as a value that costs nothing until it is shown:
/// `branches[2].undo.payload`.
struct FieldPath: CustomStringConvertible {
  /// The branch it lies in; nil: none.
  var branch: Int?
  /// The call of the branch, or its retry policy.
  var part: StaticString?
  var field: StaticString?
  /// What is inside of the field: a key or an index, with its brackets.
  var inside = ""

  static func field(_ field: StaticString) -> FieldPath { FieldPath(field: field) }

  static func branch(_ index: Int, _ field: StaticString? = nil) -> FieldPath {
    FieldPath(branch: index, field: field)
  }

  /// - Parameter index: of the branch; nil: the call is the completion
  static func call(_ index: Int?, _ part: CallPart, _ field: StaticString? = nil) -> FieldPath {
    FieldPath(branch: index, part: part.field, field: field)
  }

  /// - Parameter index: of the branch; nil: the policy is the completion's
  static func retry(_ index: Int?, _ field: StaticString) -> FieldPath {
    FieldPath(branch: index, part: index == nil ? "completion.retry" : "retry", field: field)
  }

  func within(_ inside: String) -> FieldPath {
    var path = self
    path.inside = inside
    return path
  }

  var description: String {
    var parts: [String] = []
    if let branch { parts.append("branches[\(branch)]") }
    if let part { parts.append("\(part)") }
    if let field { parts.append("\(field)") }
    return parts.joined(separator: ".") + inside
  }
}

/// Where a call stands in a request: a part of a branch, or the completion.
enum CallPart: Sendable {
  case phaseOne
  case confirm
  case undo
  case completion

  var field: StaticString {
    switch self {
    case .phaseOne: "phase_one"
    case .confirm: "confirm"
    case .undo: "undo"
    case .completion: "completion"
    }
  }
}
