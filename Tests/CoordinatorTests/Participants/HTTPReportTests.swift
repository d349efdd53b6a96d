import Mode
import Testing

@testable import Coordinator

/// What an HTTP reply means (docs/design.md, rule 3).
struct HTTPReportTests {
  private func report(_ reply: HTTPReply, alsoDoneOn: [Int32] = [], now: Int64 = 0) -> CallReport {
    CallReport(.answered(reply), alsoDoneOn: alsoDoneOn, errorTextBytesMax: 1_024, now: now)
  }

  private func result(_ status: Int, alsoDoneOn: [Int32] = []) -> CallResult {
    report(HTTPReply(status: status), alsoDoneOn: alsoDoneOn).result
  }

  @Test func everyStatusHasOneMeaning() {
    for status in 100...999 {
      let expected: CallResult =
        switch status {
        case 200...299: .done
        case 408, 425, 429: .unknown(answered: true, pushback: nil)
        case 400...499: .refused
        default: .unknown(answered: true, pushback: nil)
        }
      #expect(result(status) == expected, "\(status)")
    }
  }

  @Test func aStatusThatIsDeclaredDoneIsDone() {
    for status in [302, 404, 409, 429, 500, 503] {
      #expect(result(status, alsoDoneOn: [Int32(status)]) == .done)
    }
    #expect(result(404, alsoDoneOn: [409]) == .refused)
  }

  @Test func whatWasNotSentIsNotSentAndAllElseIsUnknown() {
    let notSent = CallReport(
      .failed(.notSent("nobody there")), alsoDoneOn: [], errorTextBytesMax: 1_024, now: 0)
    #expect(notSent.result == .notSent)
    #expect(notSent.error == "nobody there")
    let lost = CallReport(
      .failed(.maybeSent("lost")), alsoDoneOn: [], errorTextBytesMax: 1_024, now: 0)
    #expect(lost.result == .unknown(answered: false, pushback: nil))
    #expect(lost.error == "lost")
    #expect(lost.isTransportFailure)
  }

  @Test func theBodyOfWhatIsDoneIsItsReply() {
    #expect(report(HTTPReply(status: 201, body: [1, 2])).reply == [1, 2])
    let cut = report(HTTPReply(status: 200, isCut: true))
    #expect(cut.result == .done)
    #expect(cut.reply == nil)
    #expect(cut.replyOmitted)
    #expect(report(HTTPReply(status: 404, body: [1])).reply == nil)
  }

  @Test func whatIsDeclaredDoneHasAReplyToo() {
    #expect(report(HTTPReply(status: 409, body: [1]), alsoDoneOn: [409]).reply == [1])
    let cut = report(HTTPReply(status: 409, isCut: true), alsoDoneOn: [409])
    #expect(cut.result == .done)
    #expect(cut.reply == nil)
    #expect(cut.replyOmitted)
  }

  @Test func retryAfterIsHeardWhereTheCallWillBeRepeated() {
    for status in [302, 408, 425, 429, 500, 503] {
      let reply = HTTPReply(status: status, retryAfter: "7")
      #expect(report(reply).result == .unknown(answered: true, pushback: .seconds(7)))
    }
    #expect(report(HTTPReply(status: 404, retryAfter: "7")).result == .refused)
    #expect(report(HTTPReply(status: 200, retryAfter: "7")).result == .done)
  }

  @Test(arguments: [
    ("text/plain", "the shop is closed", "503 Service Unavailable: the shop is closed"),
    ("application/json", #"{"error": "no"}"#, #"503 Service Unavailable: {"error": "no"}"#),
    ("text/plain", "two\r\n  lines\t\n", "503 Service Unavailable: two lines"),
    ("text/html; charset=utf-8", "<html>no</html>", "503 Service Unavailable"),
    ("TEXT/HTML", "<html>no</html>", "503 Service Unavailable"),
    ("text/plain", "a\u{0}b", "503 Service Unavailable"),
    ("text/plain", "", "503 Service Unavailable"),
  ])
  func anErrorQuotesWhatTellsPeopleSomething(type: String, body: String, text: String) {
    let reply = HTTPReply(
      status: 503, reason: "Service Unavailable", contentType: type, body: Array(body.utf8))
    #expect(reply.errorText == text)
  }

  @Test func aQuoteEndsWithAWholeCharacter() {
    for offset in 0..<4 {
      let text = String(repeating: "x", count: offset) + String(repeating: "🚚", count: 100)
      let bytes = Array(text.utf8)
      let whole = HTTPReply(status: 500, body: bytes).errorText
      let cut = HTTPReply(
        status: 500, body: Array(bytes.prefix(HTTPReply.quotedBytesMax)), isCut: true
      ).errorText
      #expect(whole == cut)
      #expect(whole.hasPrefix("500: " + text.prefix(offset + 49)))
      #expect(whole.utf8.count <= HTTPReply.quotedBytesMax + 5)
    }
    #expect(HTTPReply(status: 500, body: [0xFF, 0xFE]).errorText == "500")
  }

  @Test func aTextIsNoLongerThanAllowed() {
    let reply = HTTPReply(status: 404, reason: String(repeating: "é", count: 100))
    let report = CallReport(.answered(reply), alsoDoneOn: [], errorTextBytesMax: 63, now: 0)
    #expect(report.error.utf8.count <= 63)
    #expect(report.error.hasPrefix("404 éé"))
  }
}
