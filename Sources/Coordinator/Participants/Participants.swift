import Mode
import NIOCore

/// One attempt on its way over the wire, whatever the protocol.
struct AttemptMessage: Sendable {
  var definition: CallDefinition
  var fields: OwnFields
  var timeout: Span
}

/// Sends attempts over one protocol, on the event loop of one shard.
protocol AttemptSender: AnyObject {
  /// `completion` is called once, on the loop, never before this returns, and at the latest when
  /// the attempt's timeout has passed.
  func send(_ message: AttemptMessage, completion: @escaping @Sendable (CallReport) -> Void)
}

/// Calls participants over whichever protocol their calls name, on the event loop of one shard,
/// past the gate of each address.
///
/// Sendable because its loop is the only one that touches it.
final class Participants: ParticipantCaller, AttemptSender, @unchecked Sendable {
  private let grpc: any AttemptSender
  private let http: any AttemptSender
  private let gates: ParticipantGates
  private let eventLoop: any EventLoop
  /// The incarnation under which calls may go out now; nil: none may.
  let incarnation: @Sendable () -> Int64?
  /// The branches whose calls stand in line, for those who look; with how many, as a branch may
  /// have been taken up anew meanwhile.
  private var waiting: [Caller: Int] = [:]

  private struct Caller: Hashable {
    let transaction: String
    let branch: String
  }

  init(
    grpc: any AttemptSender, http: any AttemptSender, gates: ParticipantGates,
    eventLoop: any EventLoop, incarnation: @escaping @Sendable () -> Int64?
  ) {
    self.grpc = grpc
    self.http = http
    self.gates = gates
    self.eventLoop = eventLoop
    self.incarnation = incarnation
  }

  func call(_ call: OutgoingCall, for shard: Shard) {
    let ticket = call.ticket
    let message = AttemptMessage(
      definition: call.definition, fields: call.ownFields, timeout: call.attempt.timeout)
    send(message) { [self] report in
      shard.replied(to: ticket, report)
      guard report.waitsForParticipant else { return }
      let address = message.definition.target.participantAddress
      gates.known(at: address)?.remember(
        KeptCall(ticket: ticket, shard: shard, eventLoop: eventLoop))
    }
  }

  func send(_ message: AttemptMessage, completion: @escaping @Sendable (CallReport) -> Void) {
    let gate = gates.gate(at: message.definition.target.participantAddress)
    let verdict = gate.offer(isRetry: message.fields.attempt > 1) { number in
      WaitingCall(
        message, number: number, gate: gate, participants: self, eventLoop: eventLoop,
        completion: completion)
    }
    switch verdict {
    case .send(let pass):
      transmit(message, timeout: message.timeout, through: gate, pass, completion)
    case .wait(let call):
      call.begin()
    case .keepBack(let obstacle):
      let report = CallReport(obstacle, at: gate.address)
      eventLoop.execute { completion(report) }
    }
  }

  /// A call that its gate has let through.
  func transmit(
    _ message: AttemptMessage, timeout: Span, through gate: ParticipantGate,
    _ pass: CallAdmission.Pass, _ completion: @escaping @Sendable (CallReport) -> Void
  ) {
    var message = message
    message.timeout = timeout
    let sentAt = Instant.monotonic
    let sender =
      switch message.definition.target {
      case .grpc: grpc
      case .http: http
      }
    sender.send(message) { report in
      gate.ended(pass, CallAdmission.Outcome(report, timeout: timeout, sentAt: sentAt))
      completion(report)
    }
  }

  // MARK: Those who look

  /// Notes that a call begins to stand in line, or does not any more.
  func waits(_ fields: OwnFields, _ begins: Bool) {
    let caller = Caller(transaction: fields.transaction, branch: fields.branch)
    let count = waiting[caller, default: 0] + (begins ? 1 : -1)
    waiting[caller] = count > 0 ? count : nil
  }

  func hold(on call: OwedCall) -> String? {
    let address = call.definition.target.participantAddress
    guard let gate = gates.known(at: address) else { return nil }
    guard call.isUnderWay else {
      return gate.obstacle(isRetry: call.isRetry)?.hold(at: address)
    }
    let caller = Caller(transaction: call.transaction, branch: call.branch)
    return waiting[caller] == nil ? nil : gate.crowd.hold(at: address)
  }
}

extension CallAdmission.Outcome {
  /// An attempt that had less time on the wire says nothing by getting no answer within it.
  private static let tellingTimeout = Span.milliseconds(100)
  /// Bytes of an error that are worth repeating to others.
  private static let textBytesMax = 200

  init(_ report: CallReport, timeout: Span, sentAt: Instant) {
    if report.isTransportFailure {
      let hadItsTime = Self.tellingTimeout < timeout
      let ranOut = sentAt + timeout <= Instant.monotonic + .milliseconds(1)
      self =
        hadItsTime || !ranOut ? .failed(report.error.cut(toBytes: Self.textBytesMax)) : .silent
      return
    }
    switch report.result {
    case .done: self = .done
    case .refused, .unknown(answered: true, _): self = .answered
    case .unknown(answered: false, _), .notSent: self = .silent
    }
  }
}
