import GRPC
import Mode
import Testing

@testable import Coordinator

/// What an attempt says of its participant.
@Suite struct OutcomeTests {
  private func outcome(
    _ reply: ClientReply, timeout: Span = .seconds(10), after: Span = .milliseconds(5)
  ) -> CallAdmission.Outcome {
    let report = CallReport(reply, alsoDoneOn: [], errorTextBytesMax: 1_024)
    let sentAt = Instant(milliseconds: Instant.monotonic.milliseconds - after.milliseconds)
    return CallAdmission.Outcome(report, timeout: timeout, sentAt: sentAt)
  }

  @Test(arguments: StatusCode.allCases)
  func whateverAParticipantAnswersIsNoFailureOfItsAddress(code: StatusCode) {
    let reply = ClientReply(status: Status(code, "no"), origin: .peer, delivery: .maybeSent)
    #expect(outcome(reply) == (code == .ok ? .done : .answered))
  }

  @Test(arguments: StatusCode.allCases)
  func ofOurOwnStatusesThoseAreFailuresThatSayNobodyAnswered(code: StatusCode) {
    for delivery in [ClientReply.Delivery.notSent, .maybeSent] where code != .ok {
      let isFailure = code == .unavailable || code == .deadlineExceeded
      #expect(
        outcome(.local(Status(code, "x"), delivery))
          == (isFailure ? .failed("\(code.name): x") : .silent))
    }
  }

  @Test func anAttemptWithoutTimeForAnAnswerSaysNothingByMissingIt() {
    let late = ClientReply.local(Status(.deadlineExceeded, "late"), .maybeSent)
    let soon = Span.milliseconds(100)
    #expect(outcome(late, timeout: soon, after: .milliseconds(100)) == .silent)
    #expect(outcome(late, timeout: .milliseconds(101), after: .milliseconds(101)) != .silent)
    // It was refused before its time was up.
    #expect(outcome(late, timeout: soon, after: .milliseconds(5)) != .silent)
  }

  @Test func longErrorsAreCut() {
    let reply = ClientReply.local(
      Status(.unavailable, String(repeating: "x", count: 900)), .notSent)
    guard case .failed(let text) = outcome(reply) else { return #expect(Bool(false)) }
    #expect(text.utf8.count == 200)
  }
}
