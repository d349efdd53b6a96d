import GRPC
import Mode
import Support

@testable import Coordinator

/// What a branch's participant speaks: how what it means looks on the wire, and, through the
/// coordinator's own tables, what the coordinator makes of it.
///
/// The statuses stand here as docs/design.md, rule 3, has them, and are not taken from the
/// tables that they test.
struct Wire {
  enum Language: CaseIterable {
    case grpc
    case http
  }

  /// What a participant, or the way to it, has to say.
  enum Meaning {
    case done(reply: [UInt8])
    case refused
    /// The participant itself does not know; or asks for a later attempt, in milliseconds.
    case unknown(pushback: Int64?)
    /// It never left the coordinator, or came back unprocessed.
    case notSent
    /// No reply, or none that can be used.
    case lost
    case timedOut
  }

  private static let doneStatuses = [200, 201, 202, 203, 204, 205, 206, 207, 226, 299]
  private static let refusalStatuses = [
    400, 401, 402, 403, 404, 405, 406, 407, 409, 410, 411, 412, 413, 414, 415, 416, 417, 418, 421,
    422, 423, 424, 426, 428, 431, 451, 499,
  ]
  private static let unknownStatuses = [
    301, 302, 303, 304, 307, 308, 408, 425, 429, 500, 501, 502, 503, 504, 505, 507, 508, 511, 599,
    199, 600,
  ]
  private static let refusalCodes: [StatusCode] = [
    .invalidArgument, .notFound, .alreadyExists, .permissionDenied, .unauthenticated,
    .failedPrecondition, .outOfRange, .aborted, .unimplemented,
  ]
  private static let unknownCodes: [StatusCode] = [
    .cancelled, .unknown, .deadlineExceeded, .resourceExhausted, .internal, .unavailable, .dataLoss,
  ]

  /// A service that answers a repeated undo with it has it registered as done.
  static func alsoDone(_ language: Language) -> Int32 { language == .grpc ? 5 : 404 }

  let language: Language
  /// The coordinator's clock, for a `Retry-After` that names a date.
  let now: Instant

  /// What the coordinator makes of it.
  func report(
    _ meaning: Meaning, alsoDoneOn: [Int32], using random: inout SeededGenerator
  ) -> CallReport {
    switch language {
    case .grpc:
      CallReport(
        grpc(meaning, alsoDoneOn, &random), alsoDoneOn: alsoDoneOn, errorTextBytesMax: 1_024)
    case .http:
      CallReport(
        http(meaning, alsoDoneOn, &random), alsoDoneOn: alsoDoneOn, errorTextBytesMax: 1_024,
        now: now.milliseconds / 1_000)
    }
  }

  /// Whether the coordinator made of it what it means.
  static func agrees(_ meaning: Meaning, _ result: CallResult) -> Bool {
    switch (meaning, result) {
    case (.done, .done), (.refused, .refused), (.notSent, .notSent): true
    case (.unknown(nil), .unknown(answered: true, pushback: nil)): true
    case (.unknown(let wanted?), .unknown(answered: true, pushback: let heard?)):
      // HTTP knows whole seconds only.
      (wanted..<wanted + 1_000).contains(heard.milliseconds)
    case (.lost, .unknown(answered: false, pushback: nil)): true
    case (.timedOut, .unknown(answered: false, pushback: nil)): true
    case (_, .done), (_, .refused), (_, .notSent), (_, .unknown): false
    }
  }

  private func grpc(
    _ meaning: Meaning, _ alsoDoneOn: [Int32], _ random: inout SeededGenerator
  ) -> ClientReply {
    func answer(_ code: StatusCode, _ metadata: Metadata = Metadata()) -> ClientReply {
      ClientReply(
        status: Status(code, "words"), origin: .peer, delivery: .maybeSent,
        trailingMetadata: metadata)
    }
    switch meaning {
    case .done(let reply):
      if let code = alsoDoneOn.first.flatMap({ StatusCode(rawValue: Int($0)) }) {
        return answer(code)
      }
      var done = answer(.ok)
      done.message = reply
      return done
    case .refused:
      return answer(
        random.pick(Self.refusalCodes.filter { !alsoDoneOn.contains(Int32($0.rawValue)) }))
    case .unknown(nil): return answer(random.pick(Self.unknownCodes))
    case .unknown(let pushback?):
      var metadata = Metadata()
      metadata.append("grpc-retry-pushback-ms", String(pushback))
      return answer(random.pick(Self.unknownCodes), metadata)
    case .notSent: return .local(Status(.unavailable, "connection refused"), .notSent)
    case .lost:
      // A proxy's page, say: our own side makes a status of it, which is nobody's refusal.
      let code = random.pick(Self.refusalCodes + Self.unknownCodes)
      return .local(Status(code, "our own"), .maybeSent)
    case .timedOut: return .local(Status(.deadlineExceeded, "timed out"), .maybeSent)
    }
  }

  private func http(
    _ meaning: Meaning, _ alsoDoneOn: [Int32], _ random: inout SeededGenerator
  ) -> HTTPOutcome {
    func answer(_ status: Int, retryAfter: String? = nil) -> HTTPOutcome {
      .answered(HTTPReply(status: status, reason: "words", retryAfter: retryAfter))
    }
    switch meaning {
    case .done(let reply):
      if let status = alsoDoneOn.first { return answer(Int(status)) }
      return .answered(HTTPReply(status: random.pick(Self.doneStatuses), body: reply))
    case .refused:
      return answer(random.pick(Self.refusalStatuses.filter { !alsoDoneOn.contains(Int32($0)) }))
    case .unknown(nil): return answer(random.pick(Self.unknownStatuses))
    case .unknown(let pushback?):
      let seconds = (pushback + 999) / 1_000
      let text = random.chance(50) ? String(seconds) : date(in: seconds)
      return answer(random.pick(Self.unknownStatuses), retryAfter: text)
    case .notSent: return .failed(.notSent("connection refused"))
    case .lost: return .failed(.maybeSent("connection reset"))
    case .timedOut: return .failed(.maybeSent("timed out"))
    }
  }

  /// No history lasts longer than the first day of time.
  private func date(in seconds: Int64) -> String {
    let time = now.milliseconds / 1_000 + seconds
    let digits = [time / 3_600, time / 60 % 60, time % 60].map { $0 < 10 ? "0\($0)" : "\($0)" }
    return "Thu, 01 Jan 1970 \(digits.joined(separator: ":")) GMT"
  }
}
