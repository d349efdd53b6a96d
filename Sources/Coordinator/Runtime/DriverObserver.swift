import Logging
import Metrics
import Mode
import NIOCore
import Store

/// Writes what the shards do into logs and metrics.
///
/// Every log line about a transaction carries `transaction`, and `branch` where there is one.
final class DriverObserver: ShardObserver {
  private let logger: Logger
  private let webhooks: AttentionWebhooks
  /// Called when a transaction has ended of which somebody is to be told.
  private let completionIsDue: () -> Void
  private let committed = End("committed")
  private let rolledBack = End("rolled_back")
  private let calls = Counter(label: "caravan_participant_calls")
  private let failures: [Failure: Counter]
  private let live: Meter
  private let attention = Counter(label: "caravan_attention_raised")
  private let storeFailures = Counter(label: "caravan_store_failures")
  private let deposals = Counter(label: "caravan_deposed")
  private var liveCount = 0

  private enum Failure: String, CaseIterable { case refused, unknown, notSent = "not_sent" }

  /// Transactions that ended one way: how many, and how long they took.
  private struct End {
    let count: Counter
    let duration: Metrics.Timer

    init(_ name: String) {
      count = Counter(label: "caravan_transactions_ended", dimensions: [("end", name)])
      duration = Timer(label: "caravan_transaction_seconds", dimensions: [("end", name)])
    }
  }

  init(
    logger: Logger, shard: Int, webhooks: AttentionWebhooks, completionIsDue: @escaping () -> Void
  ) {
    self.logger = logger
    self.webhooks = webhooks
    self.completionIsDue = completionIsDue
    failures = Dictionary(
      uniqueKeysWithValues: Failure.allCases.map { failure in
        (
          failure,
          Counter(
            label: "caravan_participant_failures", dimensions: [("result", failure.rawValue)])
        )
      })
    live = Meter(label: "caravan_live_transactions", dimensions: [("shard", "\(shard)")])
  }

  func began(_ transaction: LiveTransaction) {
    liveCount += 1
    live.set(liveCount)
    logger.debug("driving", metadata: ["transaction": "\(transaction.id)"])
  }

  func left(_ transaction: LiveTransaction) {
    liveCount -= 1
    live.set(liveCount)
  }

  func reached(_ point: Transaction.Point, _ transaction: LiveTransaction) {
    switch point {
    case .accepted, .replies, .prepared:
      logger.debug("\(point)", metadata: ["transaction": "\(transaction.id)"])
    case .decision, .end:
      if point == .end {
        if transaction.completion != nil { completionIsDue() }
        let end = transaction.machine.reason == nil ? committed : rolledBack
        end.count.increment()
        let took = (transaction.endedAt ?? transaction.createdAt) - transaction.createdAt
        end.duration.recordMilliseconds(max(0, took.milliseconds))
      }
      if let reason = transaction.machine.reason, point == .decision {
        var metadata: Logger.Metadata = [
          "transaction": "\(transaction.id)", "cause": "\(reason.cause)",
          "reason": "\(transaction.reasonText)",
        ]
        if let branch = reason.branch {
          metadata["branch"] = "\(transaction.definitions[branch].id)"
        }
        logger.info("rolling back", metadata: metadata)
      } else {
        logger.debug(
          "\(point)",
          metadata: [
            "transaction": "\(transaction.id)", "state": "\(transaction.machine.state)",
          ])
      }
    case .flag:
      guard let raised = transaction.machine.attention else { return }
      attention.increment()
      webhooks.raised(raised, of: transaction)
      logger.warning(
        "needs attention",
        metadata: [
          "transaction": "\(transaction.id)",
          "branch": "\(transaction.definitions[raised.branch].id)",
          "reason": "\(transaction.attentionText)",
        ])
    }
  }

  func called(_ call: OutgoingCall) {
    calls.increment()
  }

  func replied(_ ticket: CallTicket, _ report: CallReport) {
    switch report.result {
    case .done: return
    case .refused: failures[.refused]?.increment()
    case .unknown: failures[.unknown]?.increment()
    case .notSent: failures[.notSent]?.increment()
    }
    logger.debug(
      "attempt failed",
      metadata: [
        "transaction": "\(ticket.transaction)", "branch": "\(ticket.branch)",
        "action": "\(ticket.action.name)", "attempt": "\(ticket.attempt)",
        "result": "\(report.result)", "error": "\(report.error)",
      ])
  }

  func deposed(_ transaction: LiveTransaction) {
    deposals.increment()
    logger.warning(
      "another node has taken it over", metadata: ["transaction": "\(transaction.id)"])
  }

  func writeFailed(_ transaction: LiveTransaction, _ reason: String) {
    storeFailures.increment()
    logger.warning(
      "its next point cannot be written yet; it is tried again",
      metadata: ["transaction": "\(transaction.id)", "reason": "\(reason)"])
  }

  func unreadable(_ stored: StoredTransaction, branch: String) {
    logger.error(
      "a branch cannot be read back; the transaction is left alone",
      metadata: ["transaction": "\(stored.id)", "branch": "\(branch)"])
  }
}
