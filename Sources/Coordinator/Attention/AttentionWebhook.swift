import Foundation

/// Where operators are told that a transaction needs them.
///
/// Its URL is a secret: whoever has it may write there.
struct AttentionWebhook: Equatable, Sendable {
  enum Format: String, Sendable, CaseIterable {
    /// A JSON object of our own, for programs.
    case generic
    /// Slack, incoming webhook
    /// (https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks).
    case slack
    /// Lark and Feishu, custom bot
    /// (https://open.larksuite.com/document/client-docs/bot-v3/add-custom-bot).
    case lark
    /// DingTalk, custom robot (https://open.dingtalk.com/document/orgapp/custom-robot-access).
    case dingtalk
    /// Telegram, `sendMessage` of a bot (https://core.telegram.org/bots/api#sendmessage).
    case telegram
  }

  let format: Format
  /// As it was configured.
  fileprivate let written: String
  /// What is called.
  let url: String
  /// Telegram's alone: who reads it.
  let chat: String?

  /// Reads `format:url`; a Telegram URL says `chat_id` in its query.
  init?(_ text: some StringProtocol) {
    guard let colon = text.firstIndex(of: ":"),
      let format = Format(rawValue: String(text[..<colon]))
    else { return nil }
    let target = String(text[text.index(after: colon)...])
    guard target.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }),
      var parts = URLComponents(string: target, encodingInvalidCharacters: false),
      let scheme = parts.scheme?.lowercased(), ["http", "https"].contains(scheme),
      let host = parts.host, !host.isEmpty, parts.fragment == nil, parts.user == nil
    else { return nil }
    self.format = format
    written = String(text)
    guard format == .telegram else {
      url = target
      chat = nil
      return
    }
    let items = parts.queryItems ?? []
    guard let chat = items.first(where: { $0.name == "chat_id" })?.value, !chat.isEmpty else {
      return nil
    }
    self.chat = chat
    let others = items.filter { $0.name != "chat_id" }
    parts.queryItems = others.isEmpty ? nil : others
    guard let url = parts.string else { return nil }
    self.url = url
  }

  /// Who is called, for people: `hooks.slack.com:443`.
  var peer: String { (try? HTTPLocation(url))?.peer ?? "it" }
}

extension ValueForm where Value == [AttentionWebhook] {
  /// A list of `format:url`.
  static var webhooks: Self {
    let formats = AttentionWebhook.Format.allCases.map(\.rawValue).joined(separator: ", ")
    return Self(
      noun: "webhooks",
      accepted: "format:url, separated by commas, format being one of \(formats); write a comma "
        + "within a URL as %2C, and give a telegram URL its chat_id as a query parameter; "
        + "such as slack:https://hooks.slack.com/services/…",
      read: { text in
        let parts = text.split(separator: ",", omittingEmptySubsequences: false)
          .map { $0.trimming(while: { $0 == " " }) }
        if parts == [""] { return [] }
        let webhooks = parts.compactMap { AttentionWebhook($0) }
        return webhooks.count == parts.count ? webhooks : nil
      },
      write: { $0.map(\.written).joined(separator: ",") })
  }
}
