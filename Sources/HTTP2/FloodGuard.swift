/// Counts, by interval, the frames that cost us something and the peer nothing, and which nghttp2
/// does not limit.
///
/// Time is an argument: nanoseconds of any clock that only grows.
struct FloodGuard {
  /// What is counted.
  enum Kind: Int, CaseIterable {
    case ping, settings, emptyData, idleFrame, windowUpdate, resetSent
  }

  private let limits: Limits
  private var counts = InlineArray<6, Int>(repeating: 0)
  private var intervalStart: UInt64 = 0
  /// The first kind that went over its limit; it stays.
  private(set) var exceeded: Kind?

  init(limits: Limits) {
    self.limits = limits
  }

  /// Starts a new interval where the old one is over.
  mutating func advance(to now: UInt64) {
    guard now &- intervalStart >= limits.intervalNanoseconds else { return }
    intervalStart = now
    counts = InlineArray(repeating: 0)
  }

  mutating func count(_ kind: Kind) {
    counts[kind.rawValue] += 1
    if counts[kind.rawValue] > max(of: kind), exceeded == nil {
      exceeded = kind
    }
  }

  private func max(of kind: Kind) -> Int {
    switch kind {
    case .ping: limits.pingsMax
    case .settings: limits.settingsMax
    case .emptyData: limits.emptyDataMax
    case .idleFrame: limits.idleFramesMax
    case .windowUpdate: limits.windowUpdatesMax
    case .resetSent: limits.resetsSentMax
    }
  }
}
