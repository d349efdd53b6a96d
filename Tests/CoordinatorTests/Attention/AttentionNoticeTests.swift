import Foundation
import Mode
import Testing

@testable import Coordinator

@Suite struct AttentionNoticeTests {
  private let notice = AttentionNotice(
    transaction: "order-8812", state: "COMMITTING", branch: "stock", cause: "refused",
    reason: "branch stock refuses its phase two: <locked> & \"gone\"",
    since: Date(timeIntervalSince1970: 1_700_000_000.25), node: "caravan-1")

  private func body(_ webhook: String) throws -> String {
    let webhook = try #require(AttentionWebhook(webhook))
    return String(decoding: try notice.body(for: webhook), as: UTF8.self)
  }

  @Test func genericIsAnObjectForPrograms() throws {
    #expect(
      try body("generic:http://127.0.0.1:1/hook") == """
        {"branch":"stock","cause":"refused","event":"needs_attention","node":"caravan-1",\
        "reason":"branch stock refuses its phase two: <locked> & \\"gone\\"",\
        "since":"2023-11-14T22:13:20.250Z","state":"COMMITTING","transaction":"order-8812"}
        """)
  }

  @Test func slackEscapesWhatItWouldReadAsALink() throws {
    #expect(
      try body("slack:https://hooks.slack.com/services/T0/B0/X") == """
        {"text":"Caravan: transaction order-8812 (COMMITTING) needs attention: \
        branch stock refuses its phase two: &lt;locked&gt; &amp; \\"gone\\""}
        """)
  }

  @Test func larkAndDingTalkGetATextMessage() throws {
    let text = """
      Caravan: transaction order-8812 (COMMITTING) needs attention: \
      branch stock refuses its phase two: <locked> & \\"gone\\"
      """
    #expect(
      try body("lark:https://open.larksuite.com/open-apis/bot/v2/hook/x")
        == #"{"content":{"text":"\#(text)"},"msg_type":"text"}"#)
    #expect(
      try body("dingtalk:https://oapi.dingtalk.com/robot/send?access_token=x")
        == #"{"msgtype":"text","text":{"content":"\#(text)"}}"#)
  }

  @Test func telegramGetsTheChatOfItsURL() throws {
    let number = "telegram:https://api.telegram.org/bot1:A/sendMessage?chat_id=-100123"
    #expect(try body(number).hasPrefix(#"{"chat_id":-100123,"text":"Caravan: "#))
    #expect(AttentionWebhook(number)?.url == "https://api.telegram.org/bot1:A/sendMessage")
    let name = "telegram:http://127.0.0.1:1/bot1:A/sendMessage?a=b&chat_id=@ops"
    #expect(try body(name).hasPrefix(#"{"chat_id":"@ops","text":"Caravan: "#))
    #expect(AttentionWebhook(name)?.url == "http://127.0.0.1:1/bot1:A/sendMessage?a=b")
  }

  @Test(arguments: [
    "", "slack", "slack:", "slack:hooks.slack.com/x", "teams:https://a.example.com/x",
    "slack:ftp://a.example.com/x", "slack:https://", "slack:https://a.example.com/x y",
    "telegram:https://api.telegram.org/bot1:A/sendMessage",
    "telegram:https://api.telegram.org/bot1:A/sendMessage?chat_id=",
  ])
  func whatIsNoWebhookIsRefused(text: String) {
    #expect(AttentionWebhook(text) == nil)
  }

  @Test func aListReadsBackAsItIsWritten() {
    let form = ValueForm<[AttentionWebhook]>.webhooks
    let text = "slack:https://a.example.com/x,telegram:https://b.example.com/y?chat_id=1"
    #expect(form.read(text).map(form.write) == text)
    #expect(form.read("")?.count == 0)
    #expect(form.read("slack:https://a.example.com/x,") == nil)
  }

  @Test func aTransactionIsToldOfOnceForAReasonAndInterval() {
    var memory = AttentionMemory(interval: .seconds(60), countMax: 3)
    let start = Instant(milliseconds: 5)
    #expect(memory.verdict(on: notice, at: start) == .tell)
    var sameReason = notice
    sameReason.reason = "other words"
    #expect(memory.verdict(on: sameReason, at: start + .seconds(59)) == .told)
    var otherCause = notice
    otherCause.cause = "attempts"
    #expect(memory.verdict(on: otherCause, at: start) == .tell)
    #expect(memory.verdict(on: notice, at: start + .seconds(60)) == .tell)
  }

  @Test func whatIsTooManyIsNotToldUntilThereIsRoom() {
    var memory = AttentionMemory(interval: .seconds(60), countMax: 3)
    let start = Instant(milliseconds: 0)
    func named(_ id: String) -> AttentionNotice {
      var other = notice
      other.transaction = id
      return other
    }
    for id in ["a", "b", "c"] { #expect(memory.verdict(on: named(id), at: start) == .tell) }
    #expect(memory.verdict(on: named("d"), at: start) == .tooMany)
    #expect(memory.verdict(on: named("d"), at: start + .seconds(60)) == .tell)
  }
}
