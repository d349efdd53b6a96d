import Messages
import Mode
import ProtoWire
import Store

/// From branches as callers write them to branches as the driver takes them.
///
/// The store keeps what the caller sent; the defaults of this coordinator are filled in whenever it
/// is read.
struct BranchReader: Sendable {
  let defaults: RetryPolicy

  init(defaults: RetryPolicy) { self.defaults = defaults }

  init(_ defaults: Settings.Defaults) {
    self.init(
      defaults: RetryPolicy(
        attemptsMax: UInt32(defaults.phaseOneAttempts),
        phaseOne: RetryPolicy.Backoff(defaults.phaseOne),
        phaseTwo: RetryPolicy.Backoff(defaults.phaseTwo),
        attemptTimeout: Span(defaults.attemptTimeout),
        attentionAfter: UInt32(defaults.attentionAfter)))
  }

  /// A branch from its row; nil where it is not one that this version can drive.
  func definition(of record: BranchRecord) -> BranchDefinition? {
    guard let branch = record.message else { return nil }
    var passings: [CallPart: Passing] = [:]
    do {
      for (part, call) in branch.namedCalls { passings[part] = try Passing(call) }
    } catch {
      return nil
    }
    return definition(of: branch, record: record) { passings[$0] }
  }

  /// A branch from a request that was checked.
  ///
  /// - Parameter passing: what its calls take from replies, as the checks have read it
  func definition(
    of branch: CaravanV1.Branch, passing: (CallPart) -> Passing?
  ) -> BranchDefinition? {
    guard let mode = BranchMode(branch.mode) else { return nil }
    let record = BranchRecord(
      id: branch.id, level: branch.level, mode: mode, role: branch.role,
      target: Self.targetText(of: branch), definition: branch.wireBytes())
    return definition(of: branch, record: record, passing)
  }

  private func definition(
    of branch: CaravanV1.Branch, record: BranchRecord, _ passing: (CallPart) -> Passing?
  ) -> BranchDefinition? {
    let phaseOne = branch.phaseOne.flatMap { Self.call($0, passing: passing(.phaseOne)) }
    let confirm = branch.confirm.flatMap { Self.call($0, passing: passing(.confirm)) }
    let undo = branch.undo.flatMap { Self.call($0, passing: passing(.undo)) }
    // Every call that the rules may ask for is there.
    guard phaseOne != nil || record.role == .calledByCaller,
      undo != nil || record.role == .mustSucceed,
      confirm != nil || record.mode == .saga
    else { return nil }
    return BranchDefinition(
      record: record,
      plan: BranchPlan(
        mode: record.mode, level: record.level, role: record.role,
        retry: policy(of: branch.retry),
        usesReplies: phaseOne?.usesReplies(besides: branch.id) ?? false
          || undo?.usesReplies(besides: branch.id) ?? false,
        undoUsesOwnReply: undo?.usesReply(of: branch.id) ?? false),
      phaseOne: phaseOne, confirm: confirm, undo: undo)
  }

  /// A call that was checked; nil where it is not one that this version can make.
  static func call(_ call: CaravanV1.Call, passing: Passing?) -> CallDefinition? {
    let target: CallDefinition.Target
    var metadata = sorted(call.metadata)
    switch call.target {
    case .grpc(let grpc): target = .grpc(address: grpc.address, method: grpc.method)
    case .http(let http):
      target = .http(method: http.methodOrDefault, url: http.url)
      if !call.payload.isEmpty, call.metadata["content-type"] == nil {
        metadata.append(("content-type", http.contentTypeOrDefault))
      }
    case nil: return nil
    }
    return CallDefinition(
      target: target, payload: call.payload, metadata: metadata, passing: passing,
      alsoDoneOn: call.alsoDoneOn)
  }

  private static func sorted(_ metadata: [String: String]) -> [(name: String, value: String)] {
    // Most calls have none, and sorting nothing allocates too.
    if metadata.isEmpty { return [] }
    return metadata.sorted { $0.key < $1.key }.map { (name: $0.key, value: $0.value) }
  }

  private static func targetText(of branch: CaravanV1.Branch) -> String {
    switch branch.phaseOne?.target {
    case .grpc(let target):
      var text = "grpc://"
      text.reserveCapacity(text.utf8.count + target.address.utf8.count + target.method.utf8.count)
      text += target.address
      text += target.method
      return text
    case .http(let target): return target.url
    case nil: return "called by the caller"
    }
  }

  // MARK: Retry

  func policy(of retry: CaravanV1.RetryPolicy?) -> RetryPolicy {
    guard let retry else { return defaults }
    var policy = defaults
    if retry.attemptsMax > 0 { policy.attemptsMax = retry.attemptsMax }
    policy.phaseOne.take(retry)
    policy.phaseTwo.take(retry)
    if let timeout = Span(retry.attemptTimeout) { policy.attemptTimeout = timeout }
    if retry.attentionAfter > 0 { policy.attentionAfter = retry.attentionAfter }
    return policy
  }
}

extension RetryPolicy.Backoff {
  init(_ backoff: Settings.Backoff) {
    self.init(
      first: Span(backoff.firstDelay), factor: backoff.factor, max: Span(backoff.delayMax),
      jitter: Double(backoff.jitterPercent) / 100)
  }

  /// What a caller says replaces the default.
  fileprivate mutating func take(_ retry: CaravanV1.RetryPolicy) {
    if let asked = Span(retry.firstDelay) {
      first = asked
      // A caller who asks for a long first delay means it, whatever the default cap.
      max = Swift.max(max, asked)
    }
    if retry.factor > 0 { factor = retry.factor }
    if let asked = Span(retry.delayMax) { max = asked }
    if retry.jitter != 0 { jitter = Swift.max(retry.jitter, 0) }
  }
}

extension BranchRecord {
  /// The branch as it was registered; nil where this version cannot read it.
  var message: CaravanV1.Branch? { try? CaravanV1.Branch(wire: definition) }
}

extension CallDefinition {
  /// Whether it carries a part of what a branch other than its own replied.
  fileprivate func usesReplies(besides own: String) -> Bool {
    passing?.uses.contains { $0.branch != own } ?? false
  }

  /// Whether it carries a part of what that branch replied.
  fileprivate func usesReply(of branch: String) -> Bool {
    passing?.uses.contains { $0.branch == branch } ?? false
  }
}

extension Span {
  init(_ duration: Swift.Duration) { self.init(milliseconds: Int64(duration.milliseconds)) }

  /// Whole milliseconds, rounded up; nil where there is nothing, or zero, which means the default.
  init?(_ duration: GoogleProtobuf.Duration?) {
    guard let duration, duration.seconds != 0 || duration.nanos != 0 else { return nil }
    self.init(checked: duration)
  }

  /// A duration that was checked, in whole milliseconds, rounded up.
  init(checked duration: GoogleProtobuf.Duration) {
    self.init(
      milliseconds: duration.seconds &* 1_000 &+ (Int64(duration.nanos) + 999_999) / 1_000_000)
  }
}

extension BranchMode {
  init?(_ mode: CaravanV1.BranchMode) {
    switch mode {
    case .tcc: self = .tcc
    case .saga: self = .saga
    case .unspecified, .unrecognized: return nil
    }
  }
}

extension CaravanV1.HttpTarget {
  /// The method; POST where none is named.
  var methodOrDefault: String { method.isEmpty ? "POST" : method }
  /// What a payload is taken for where no header says it: a template is JSON, all else bytes.
  var contentTypeOrDefault: String { template ? "application/json" : "application/octet-stream" }
}

extension CaravanV1.Branch {
  /// Who calls its phase one, and when.
  fileprivate var role: BranchPlan.Role {
    if mustSucceed { return .mustSucceed }
    return calledByCaller ? .calledByCaller : .ordinary
  }
}
