import GRPC
import Mode
import Transport

/// What a gRPC reply means (docs/design.md, rule 3).
extension CallReport {
  init(_ reply: ClientReply, alsoDoneOn: [Int32], errorTextBytesMax: Int) {
    let code = reply.status.code
    let isTheirs = reply.origin == .peer
    if code == .ok {
      self.init(.done, reply: reply.message)
      return
    }
    if isTheirs, alsoDoneOn.contains(Int32(code.rawValue)) {
      self.init(.done)
      return
    }
    let result: CallResult
    if isTheirs {
      result =
        code.guaranteesNoEffect
        ? .refused : .unknown(answered: true, pushback: reply.pushback)
    } else {
      switch reply.delivery {
      case .notSent: result = .notSent
      case .maybeSent: result = .unknown(answered: false, pushback: nil)
      }
    }
    let text = "\(code.name): \(reply.status.message)"
    self.init(result, error: text.cut(toBytes: errorTextBytesMax))
    // The other statuses of our own side are about replies that came and were no use.
    isTransportFailure = !isTheirs && (code == .unavailable || code == .deadlineExceeded)
  }
}

extension StatusCode {
  /// Sent by a participant, it says that the call had no effect.
  var guaranteesNoEffect: Bool {
    switch self {
    case .invalidArgument, .notFound, .alreadyExists, .permissionDenied, .unauthenticated,
      .failedPrecondition, .outOfRange, .aborted, .unimplemented:
      true
    case .ok, .cancelled, .unknown, .deadlineExceeded, .resourceExhausted, .internal,
      .unavailable, .dataLoss:
      false
    }
  }
}

extension ClientReply {
  /// How long the participant asks to wait: `grpc-retry-pushback-ms` (gRFC A6). A negative one
  /// forbids retries there; here attempts are bounded by the branch's policy anyway, so it counts
  /// as none.
  var pushback: Span? {
    guard let text = trailingMetadata.first("grpc-retry-pushback-ms"),
      let milliseconds = Int64(text), milliseconds >= 0
    else { return nil }
    return .milliseconds(milliseconds)
  }
}
