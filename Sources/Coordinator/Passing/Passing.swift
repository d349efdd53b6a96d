import Messages

/// What a call takes from earlier replies: into a gRPC request by copies of fields, into an HTTP
/// request by a template.
enum Passing: Equatable, Sendable {
  case copies([FieldCopy])
  case template(RequestTemplate)

  /// A reply that is used.
  struct Use: Equatable, Sendable {
    /// The branch that replied.
    var branch: String
    /// What is sent where the outcome of that branch is unknown is said too.
    var hasFallback: Bool
  }

  /// What is known of a reply when it is needed.
  enum Reply: Equatable {
    case kept([UInt8])
    /// It is longer than what is kept of a branch or of a transaction.
    case omitted
    /// Phase one is not known to be done.
    case unknown
  }

  /// Why a reply could not be passed on.
  struct Problem: Error, Equatable {
    /// The branch whose reply it was; nil: no single one's.
    let branch: String?
    let text: String

    var description: String { branch.map { "branch \($0): \(text)" } ?? text }
  }

  /// What a request may have once the replies are in it: as much as a caller may register.
  struct Limits: Sendable {
    var payloadBytesMax: Int

    var emptyPayload: BoundedBytes {
      BoundedBytes(
        bytesMax: payloadBytesMax,
        tooLong: Problem(
          branch: nil,
          text: "the request would be longer than \(payloadBytesMax) bytes (limits.payload)"))
    }

    var emptyMetadata: BoundedBytes {
      let bytesMax = CallDefinition.metadataBytesMax
      return BoundedBytes(
        bytesMax: bytesMax,
        tooLong: Problem(
          branch: nil, text: "the headers would be longer than \(bytesMax) bytes"))
    }
  }

  /// What the call takes from replies; nil: nothing.
  init?(_ call: CaravanV1.Call) throws(RequestTemplate.Malformed) {
    if case .http(let target) = call.target, target.template {
      self = .template(try RequestTemplate(payload: call.payload, metadata: call.metadata))
    } else if !call.copy.isEmpty {
      self = .copies(
        call.copy.map {
          FieldCopy(
            from: $0.fromBranch, fromPath: $0.fromPath, toPath: $0.toPath, orPayload: $0.orPayload)
        })
    } else {
      return nil
    }
  }

  var uses: [Use] {
    switch self {
    case .copies(let copies):
      copies.map { Use(branch: $0.from, hasFallback: $0.orPayload) }
    case .template(let template):
      template.references.map { Use(branch: $0.branch, hasFallback: $0.fallback != nil) }
    }
  }

  /// The call with the replies in it.
  func fill(
    _ call: CallDefinition, within limits: Limits, from reply: (String) -> Reply
  ) throws(Problem) -> CallDefinition {
    var filled = call
    switch self {
    case .copies(let copies):
      filled.payload = try FieldCopy.apply(copies, to: call.payload, within: limits) {
        (copy) throws(Problem) in
        try Self.bytes(of: copy.from, reply, hasFallback: copy.orPayload)
      }
    case .template(let template):
      let (payload, metadata) = try template.fill(within: limits) {
        (reference) throws(Problem) in
        try Self.bytes(of: reference.branch, reply, hasFallback: reference.fallback != nil)
      }
      filled.payload = payload
      let headers = Dictionary(uniqueKeysWithValues: metadata.map { ($0.name, $0.value) })
      filled.metadata = call.metadata.map { ($0.name, headers[$0.name] ?? $0.value) }
    }
    return filled
  }

  /// The reply's bytes; nil: the fallback counts.
  private static func bytes(
    of branch: String, _ reply: (String) -> Reply, hasFallback: Bool
  ) throws(Problem) -> [UInt8]? {
    switch reply(branch) {
    case .kept(let bytes): return bytes
    case .omitted:
      throw Problem(branch: branch, text: "its reply was longer than what is kept")
    case .unknown:
      if hasFallback { return nil }
      throw Problem(branch: branch, text: "it is not known to be done, so there is no reply")
    }
  }
}
