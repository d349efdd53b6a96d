import Messages
import Mode
import Transport

/// What callers may send: the checks of every request against the limits of this coordinator.
struct RequestRules: Sendable {
  /// The longest time to a decision, and the longest delay.
  static let durationMax = Swift.Duration.days(30)
  static let durationMin = Swift.Duration.milliseconds(1)
  /// Bytes of the words that go with a rollback.
  static let reasonBytesMax = 1 << 10
  static let pageSizeMax: UInt32 = 1_000
  static let pageSizeDefault: UInt32 = 100

  let limits: Settings.Limits
  let allow: AllowList
  let permitted = PermittedAddresses()
  let permittedURLs = PermittedAddresses()

  init(limits: Settings.Limits, allow: AllowList) {
    self.limits = limits
    self.allow = allow
  }

  init(_ settings: Settings) {
    self.init(limits: settings.limits, allow: settings.allow)
  }

  // MARK: Requests

  func check(_ request: CaravanV1.BeginRequest, _ violations: inout FieldViolations) {
    if !request.id.isEmpty { checkID(request.id, .field("id"), &violations) }
    checkTimeout(request.timeout, &violations)
    if let completion = request.completion { check(completion, &violations) }
  }

  /// - Returns: what the branches' calls take from replies
  @discardableResult func check(
    _ request: CaravanV1.RegisterRequest, _ violations: inout FieldViolations
  ) -> CallPassings {
    checkID(request.id, .field("id"), &violations)
    if request.branches.isEmpty {
      violations.add(.field("branches"), "is empty; Register wants at least one branch")
    }
    let passings = checkBranches(request.branches, &violations)
    checkSources(request.branches, passings, isWhole: false, &violations)
    return passings
  }

  /// - Returns: what the branches' calls take from replies
  @discardableResult func check(
    _ request: CaravanV1.ExecuteRequest, _ violations: inout FieldViolations
  ) -> CallPassings {
    if !request.id.isEmpty { checkID(request.id, .field("id"), &violations) }
    checkTimeout(request.timeout, &violations)
    let passings = checkBranches(request.branches, &violations)
    let branches = request.branches.span
    for index in branches.indices where branches[index].calledByCaller {
      violations.add(
        .branch(index, "called_by_caller"),
        "a branch is registered before its caller calls it, and Execute leaves no time for that; "
          + "use Begin, Register and Commit")
    }
    checkForwardRecovery(request.branches, &violations)
    checkSources(request.branches, passings, isWhole: true, &violations)
    checkWait(request.wait, &violations)
    if let completion = request.completion { check(completion, &violations) }
    return passings
  }

  func check(_ request: CaravanV1.StartRequest, _ violations: inout FieldViolations) {
    checkID(request.id, .field("id"), &violations)
  }

  func check(_ request: CaravanV1.CommitRequest, _ violations: inout FieldViolations) {
    checkID(request.id, .field("id"), &violations)
    checkWait(request.wait, &violations)
  }

  func check(_ request: CaravanV1.RollbackRequest, _ violations: inout FieldViolations) {
    checkID(request.id, .field("id"), &violations)
    checkWait(request.wait, &violations)
    if request.reason.utf8.count > Self.reasonBytesMax {
      violations.add(
        .field("reason"),
        "has \(request.reason.utf8.count) bytes; at most \(Self.reasonBytesMax) are kept")
    }
  }

  func check(_ request: CaravanV1.GetRequest, _ violations: inout FieldViolations) {
    checkID(request.id, .field("id"), &violations)
  }

  func check(_ request: CaravanV1.WatchRequest, _ violations: inout FieldViolations) {
    checkID(request.id, .field("id"), &violations)
  }

  // MARK: Fields

  /// 1 to `idBytesMax` bytes of `[A-Za-z0-9._:/-]`.
  func checkID(_ id: String, _ path: FieldPath, _ violations: inout FieldViolations) {
    guard !Self.isID(id, bytesMax: limits.idBytesMax) else { return }
    let wanted = "1 to \(limits.idBytesMax) bytes of A-Z a-z 0-9 . _ : / -"
    violations.add(
      path,
      id.isEmpty
        ? "is empty; write \(wanted)"
        : "\(Quotation.of(id)) is no id; write \(wanted)")
  }

  /// Whether every byte is one that ids are made of.
  static func isID(_ text: String, bytesMax: Int) -> Bool {
    let bytes = text.utf8
    return !bytes.isEmpty && bytes.count <= bytesMax && hasOnlyIDBytes(text)
  }

  static func hasOnlyIDBytes(_ text: String) -> Bool {
    let bytes = text.utf8.span
    for index in bytes.indices {
      switch bytes[index] {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "-")...UInt8(ascii: ":"), UInt8(ascii: "_"):
        // From "-" to ":" lie - . / 0 to 9 and the colon.
        break
      default: return false
      }
    }
    return true
  }

  private func checkTimeout(
    _ timeout: GoogleProtobuf.Duration?, _ violations: inout FieldViolations
  ) {
    guard let timeout else { return }
    checkDuration(timeout, Self.durationMin...Self.durationMax, .field("timeout"), &violations)
  }

  func checkDuration(
    _ duration: GoogleProtobuf.Duration, _ range: ClosedRange<Swift.Duration>, _ path: FieldPath,
    _ violations: inout FieldViolations
  ) {
    if let value = duration.duration, range.contains(value) { return }
    let least = TimeSpan.write(range.lowerBound)
    let most = TimeSpan.write(range.upperBound)
    violations.add(
      path, "is \(duration.seconds) s and \(duration.nanos) ns; write \(least) to \(most)")
  }

  private func checkWait(_ wait: CaravanV1.Wait, _ violations: inout FieldViolations) {
    guard case .unrecognized(let number) = wait else { return }
    violations.add(
      .field("wait"), "\(number) is no Wait; write WAIT_END, WAIT_DECISION or WAIT_NONE")
  }
}
