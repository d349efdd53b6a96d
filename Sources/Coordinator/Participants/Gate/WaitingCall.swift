import Mode
import NIOCore

/// A call that stands in line before its participant's address.
///
/// Sendable because its event loop is the only one that touches what changes.
final class WaitingCall: @unchecked Sendable {
  let message: AttemptMessage
  let completion: @Sendable (CallReport) -> Void
  private let number: UInt64
  private let gate: ParticipantGate
  private let participants: Participants
  private let eventLoop: any EventLoop
  /// The one under which it was to go out: past its lease others may have taken the transaction
  /// over, and ended it.
  private let incarnation: Int64?
  /// When its attempt ends.
  private let timeUp: NIODeadline
  /// When it has waited long enough: a call that is sent with too little time for an answer may
  /// have happened for all that is known, and is undone while it is still worked on; one that is
  /// not sent harms nobody.
  private let patienceEnds: NIODeadline
  private var timer: Scheduled<Void>?

  init(
    _ message: AttemptMessage, number: UInt64, gate: ParticipantGate, participants: Participants,
    eventLoop: any EventLoop, completion: @escaping @Sendable (CallReport) -> Void
  ) {
    self.message = message
    self.number = number
    self.gate = gate
    self.participants = participants
    self.eventLoop = eventLoop
    incarnation = participants.incarnation()
    self.completion = completion
    let now = NIODeadline.now()
    timeUp = now + .milliseconds(message.timeout.milliseconds)
    patienceEnds = now + .milliseconds(message.timeout.milliseconds / 2)
  }

  /// From here on its time runs; on its loop.
  func begin() {
    participants.waits(message.fields, true)
    timer = eventLoop.scheduleTask(deadline: patienceEnds) { [self] in
      if let obstacle = gate.expired(number) { end(obstacle) }
    }
  }

  /// It may go out now; from any thread.
  func granted(_ pass: CallAdmission.Pass) {
    eventLoop.execute { [self] in
      let now = NIODeadline.now()
      let left = (timeUp - now).nanoseconds / 1_000_000
      guard now < patienceEnds, left > 0 else {
        gate.ended(pass, .silent)
        return end(gate.crowd)
      }
      guard let incarnation, incarnation == participants.incarnation() else {
        gate.ended(pass, .silent)
        leave()
        return completion(CallReport(.notSent, error: "this node lost its lease"))
      }
      leave()
      participants.transmit(
        message, timeout: .milliseconds(left), through: gate, pass, completion)
    }
  }

  /// It has waited in vain; from any thread.
  func keptBack(_ obstacle: Obstacle) {
    eventLoop.execute { self.end(obstacle) }
  }

  private func end(_ obstacle: Obstacle) {
    leave()
    completion(CallReport(obstacle, at: gate.address))
  }

  private func leave() {
    timer?.cancel()
    timer = nil
    participants.waits(message.fields, false)
  }
}
