import Mode

/// What operators were told lately, so that they are told once.
struct AttentionMemory: Sendable {
  /// A transaction and why it needs attention; the words may differ from time to time.
  private struct Key: Hashable {
    let transaction: String
    let branch: String
    let cause: String
  }
  private var toldAt: [Key: Instant] = [:]
  private let interval: Span
  /// Past it nothing new is told: so many messages within an interval help nobody.
  private let countMax: Int

  init(interval: Span, countMax: Int = 10_000) {
    self.interval = interval
    self.countMax = countMax
  }

  enum Verdict: Equatable, Sendable { case tell, told, tooMany }

  mutating func verdict(on notice: AttentionNotice, at now: Instant) -> Verdict {
    let key = Key(transaction: notice.transaction, branch: notice.branch, cause: notice.cause)
    if let at = toldAt[key], now - at < interval { return .told }
    if toldAt[key] == nil, toldAt.count >= countMax {
      toldAt = toldAt.filter { now - $0.value < interval }
      if toldAt.count >= countMax { return .tooMany }
    }
    toldAt[key] = now
    return .tell
  }
}
