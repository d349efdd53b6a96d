import AsyncHTTPClient
import Foundation
import Logging
import Metrics
import Mode
import NIOCore
import NIOHTTP1
import NIOSSL
import Synchronization
import Transport

/// Tells operators, over webhooks, that a transaction needs them; no transaction waits for that.
final class AttentionWebhooks: Sendable {
  /// One webhook: its queue, and who works it off.
  private struct Line: Sendable {
    let name: String
    let queue: AsyncStream<AttentionNotice>.Continuation
    let worker: Task<Void, Never>
  }
  private let lines: [Line]
  private let memory: Mutex<AttentionMemory>
  private let node: String
  private let logger: Logger
  private let dropped = Counter(
    label: "caravan_attention_webhooks", dimensions: [("result", "dropped")])
  /// One line in the log for each time that it begins to be too much.
  private let isTooMuch = Atomic<Bool>(false)

  /// Notices that wait for one webhook at most.
  private static let queueMax = 1_000
  /// How long a stopping server lets notices that wait go out.
  private static let stopGrace = Swift.Duration.seconds(3)

  init(
    webhooks: [AttentionWebhook], interval: Span, node: String, client: HTTPClient, logger: Logger
  ) {
    memory = Mutex(AttentionMemory(interval: interval))
    self.node = node
    self.logger = logger
    lines = webhooks.enumerated().map { index, webhook in
      // Its place in the list: its URL is a secret.
      let name = "\(index + 1) (\(webhook.format.rawValue))"
      let (stream, queue) = AsyncStream.makeStream(
        of: AttentionNotice.self, bufferingPolicy: .bufferingOldest(Self.queueMax))
      let sender = AttentionSender(webhook: webhook, name: name, client: client, logger: logger)
      let worker = Task { for await notice in stream { await sender.deliver(notice) } }
      return Line(name: name, queue: queue, worker: worker)
    }
  }

  /// A transaction needs attention; from any thread, and back at once.
  func raised(_ attention: Transaction.Attention, of transaction: LiveTransaction) {
    guard !lines.isEmpty else { return }
    let cause =
      switch attention.cause {
      case .refused: "refused"
      case .attempts: "attempts"
      }
    let notice = AttentionNotice(
      transaction: transaction.id, state: transaction.machine.state.name,
      branch: transaction.definitions[attention.branch].id, cause: cause,
      reason: transaction.attentionText, since: Date(), node: node)
    switch memory.withLock({ $0.verdict(on: notice, at: .monotonic) }) {
    case .told: return
    case .tooMany: drop("more transactions need attention than are told of")
    case .tell:
      isTooMuch.store(false, ordering: .relaxed)
      for line in lines {
        if case .dropped = line.queue.yield(notice) {
          drop("the queue of webhook \(line.name) is full")
        }
      }
    }
  }

  private func drop(_ reason: String) {
    dropped.increment()
    guard !isTooMuch.exchange(true, ordering: .relaxed) else { return }
    logger.warning("notices of transactions that need attention are left out: \(reason)")
  }

  /// Lets what waits go out for a moment, then gives up.
  func stop() async {
    for line in lines { line.queue.finish() }
    let lines = lines
    let bound = Task {
      try await Task.sleep(for: Self.stopGrace)
      for line in lines { line.worker.cancel() }
    }
    for line in lines { await line.worker.value }
    bound.cancel()
  }
}

/// Sends notices to one webhook, one after the other.
private struct AttentionSender: Sendable {
  let webhook: AttentionWebhook
  let name: String
  let client: HTTPClient
  let logger: Logger
  private let sent = Counter(label: "caravan_attention_webhooks", dimensions: [("result", "sent")])
  private let failed = Counter(
    label: "caravan_attention_webhooks", dimensions: [("result", "failed")])

  private static let timeout = TimeAmount.seconds(10)
  /// Before the second, third and fourth attempt.
  private static let delays: [Swift.Duration] = [.seconds(1), .seconds(5), .seconds(25)]
  private static let delayMax = Swift.Duration.seconds(60)
  private static let replyBytesMax = 64 << 10

  init(webhook: AttentionWebhook, name: String, client: HTTPClient, logger: Logger) {
    self.webhook = webhook
    self.name = name
    self.client = client
    self.logger = logger
  }

  private enum Result {
    case taken
    /// Why not, and whether and when to try again.
    case failed(String, isFinal: Bool, after: Swift.Duration?)
  }

  func deliver(_ notice: AttentionNotice) async {
    for attempt in 0...Self.delays.count {
      switch await send(notice) {
      case .taken:
        return sent.increment()
      case .failed(let reason, let isFinal, let after):
        let metadata: Logger.Metadata = [
          "webhook": "\(name)", "transaction": "\(notice.transaction)", "reason": "\(reason)",
        ]
        guard !isFinal, attempt < Self.delays.count, !Task.isCancelled else {
          failed.increment()
          return logger.warning(
            "a webhook was not told of a transaction that needs attention", metadata: metadata)
        }
        logger.info("a webhook could not be reached and is tried again", metadata: metadata)
        let delay = min(max(Self.delays[attempt], after ?? .zero), Self.delayMax)
        try? await Task.sleep(for: delay)
      }
    }
  }

  private func send(_ notice: AttentionNotice) async -> Result {
    do {
      var request = HTTPClientRequest(url: webhook.url)
      request.method = .POST
      request.headers.add(name: "content-type", value: "application/json; charset=utf-8")
      request.headers.add(name: "user-agent", value: "caravan/\(Caravan.version)")
      request.body = .bytes(try notice.body(for: webhook))
      let response = try await client.execute(request, timeout: Self.timeout)
      let body = try await response.body.collect(upTo: Self.replyBytesMax)
      let status = Int(response.status.code)
      if (200..<300).contains(status) {
        guard let objection = objection(in: body) else { return .taken }
        return .failed(objection, isFinal: false, after: nil)
      }
      let isFinal = (300..<500).contains(status) && ![408, 425, 429].contains(status)
      let after = response.headers.first(name: "retry-after").flatMap(Int.init)
      return .failed(
        "status \(status)", isFinal: isFinal, after: after.map { .seconds(max(0, $0)) })
    } catch {
      // Whatever an error quotes, the URL stays out of the log.
      let words = words(for: error)
      let text = words.replacing(webhook.url, with: "…").cut(toBytes: 200)
      return .failed(text, isFinal: !Self.isBeforeConnection(error), after: nil)
    }
  }

  private func words(for error: any Error) -> String {
    switch error {
    case is CancellationError: "this coordinator is stopping"
    case let error as HTTPClientError where error == .deadlineExceeded:
      "no answer from \(webhook.peer) within \(Self.timeout.nanoseconds / 1_000_000_000) s"
    default: ConnectFailure.text(error, peer: webhook.peer) ?? "\(error)"
    }
  }

  /// It was certainly not told. After any other error it may have been, and is told at most once.
  private static func isBeforeConnection(_ error: any Error) -> Bool {
    if ConnectFailure.isBeforeConnection(error) || error is NIOSSLError { return true }
    let early: [HTTPClientError] = [
      .connectTimeout, .tlsHandshakeTimeout, .getConnectionFromPoolTimeout,
    ]
    return (error as? HTTPClientError).map(early.contains) ?? false
  }

  /// Lark and DingTalk answer 200 and say in the body what is wrong.
  private func objection(in body: ByteBuffer) -> String? {
    struct Answer: Decodable {
      var code: Int?
      var errcode: Int?
    }
    guard webhook.format == .lark || webhook.format == .dingtalk,
      let answer = try? JSONDecoder().decode(Answer.self, from: Data(body.readableBytesView)),
      let code = answer.errcode ?? answer.code, code != 0
    else { return nil }
    return "error \(code)"
  }
}
