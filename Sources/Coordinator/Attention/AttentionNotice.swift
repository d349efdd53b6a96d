import Foundation

/// What operators are told of a transaction that needs them.
struct AttentionNotice: Equatable, Sendable {
  var transaction: String
  /// `COMMITTING`, say.
  var state: String
  var branch: String
  /// `refused` or `attempts`.
  var cause: String
  var reason: String
  var since: Date
  /// Who drives it.
  var node: String

  /// For people.
  var text: String {
    "Caravan: transaction \(transaction) (\(state)) needs attention: \(reason)"
  }

  private static let timeStyle = Date.ISO8601FormatStyle(includingFractionalSeconds: true)

  /// The body of the request, as each service documents it.
  func body(for webhook: AttentionWebhook) throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    switch webhook.format {
    case .generic:
      return try encoder.encode(
        Generic(
          event: "needs_attention", transaction: transaction, state: state, branch: branch,
          cause: cause, reason: reason, since: since.formatted(Self.timeStyle), node: node))
    case .slack:
      return try encoder.encode(["text": text.escapedForSlack])
    case .lark:
      return try encoder.encode(Lark(msg_type: "text", content: ["text": text]))
    case .dingtalk:
      return try encoder.encode(DingTalk(msgtype: "text", text: ["content": text]))
    case .telegram:
      let chat = webhook.chat ?? ""
      guard let number = Int64(chat) else {
        return try encoder.encode(Telegram(chat_id: chat, text: text))
      }
      return try encoder.encode(Telegram(chat_id: number, text: text))
    }
  }

  private struct Generic: Encodable {
    var event: String
    var transaction: String
    var state: String
    var branch: String
    var cause: String
    var reason: String
    var since: String
    var node: String
  }

  // The services' own names.
  private struct Lark: Encodable {
    var msg_type: String
    var content: [String: String]
  }

  private struct DingTalk: Encodable {
    var msgtype: String
    var text: [String: String]
  }

  /// A chat is a number, or a name such as `@shop_alerts`.
  private struct Telegram<Chat: Encodable>: Encodable {
    var chat_id: Chat
    var text: String
  }
}

extension String {
  /// Slack reads `<…>` as links and mentions; these three are all that it wants escaped.
  fileprivate var escapedForSlack: String {
    replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
  }
}
