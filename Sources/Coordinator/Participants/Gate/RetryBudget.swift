import Mode

/// How many retries an address may be sent: a bucket that a retry takes from, a success gives to,
/// and time fills.
struct RetryBudget: Equatable, Sendable {
  /// In thousandths of a retry, so that each millisecond brings a whole number.
  private var thousandths: Int64
  private var countedAt: Instant
  private let max: Int64
  private let perMillisecond: Int64

  init(max: Int, perSecond: Int, at now: Instant) {
    self.max = Int64(max) * 1_000
    perMillisecond = Int64(perSecond)
    thousandths = self.max
    countedAt = now
  }

  /// False: there is none left.
  mutating func take(at now: Instant) -> Bool {
    fill(at: now)
    guard thousandths >= 1_000 else { return false }
    thousandths -= 1_000
    return true
  }

  mutating func giveBack(at now: Instant) {
    fill(at: now)
    thousandths = min(max, thousandths + 1_000)
  }

  func left(at now: Instant) -> Int {
    var filled = self
    filled.fill(at: now)
    return Int(filled.thousandths / 1_000)
  }

  private mutating func fill(at now: Instant) {
    let passed = (now - countedAt).milliseconds
    guard passed > 0 else { return }
    countedAt = now
    // Past that it is full whatever was left, and the product stays small.
    guard perMillisecond > 0 else { return }
    thousandths = passed > max ? max : min(max, thousandths + passed * perMillisecond)
  }
}
