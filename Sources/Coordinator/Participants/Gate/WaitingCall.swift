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
  private let timeUp: NIODeadline
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
    self.completion = completion
    timeUp = .now() + .milliseconds(message.timeout.milliseconds)
  }

  /// From here on its time runs; on its loop.
  func begin() {
    participants.waits(message.fields, true)
    timer = eventLoop.scheduleTask(deadline: timeUp) { [self] in
      if let obstacle = gate.expired(number) { end(obstacle) }
    }
  }

  /// It may go out now; from any thread.
  func granted(_ pass: CallAdmission.Pass) {
    eventLoop.execute { [self] in
      let left = (timeUp - .now()).nanoseconds / 1_000_000
      guard left > 0 else {
        gate.ended(pass, .silent)
        return end(gate.crowd)
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
