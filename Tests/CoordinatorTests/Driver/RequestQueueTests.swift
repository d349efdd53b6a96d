import Mode
import Store
import Testing

@testable import Coordinator

/// Requests of one id whose transaction is not live.
@Suite struct RequestQueueTests {
  /// Asks for commits of one transaction; returns the errors that they were answered with.
  private func answers(
    _ count: Int, _ limits: Shard.Limits, then: (LoneShard) -> Void
  ) -> [RequestError] {
    let lone = LoneShard(limits: limits)
    var errors: [RequestError] = []
    for _ in 0..<count {
      lone.shard.request(.commit, id: "order-1", goal: .end) { outcome in
        if case .failure(let error) = outcome { errors.append(error) }
      }
    }
    then(lone)
    lone.settle()
    return errors
  }

  @Test func thoseThatWaitAreAnsweredOneAfterTheOtherHoweverManyTheyAre() {
    var limits = Shard.Limits(Settings(), shardCount: 1)
    limits.waitingPerIDMax = .max
    let errors = answers(10_000, limits) { $0.incarnation = nil }
    #expect(errors.count == 10_000)
    #expect(errors.last == .notFound)
    #expect(errors.first == .unavailable("this node holds no lease yet; ask again"))
  }

  @Test func eachThatNeedsTheStoreHasItsTurn() {
    let errors = answers(50, Shard.Limits(Settings(), shardCount: 1)) { _ in }
    #expect(errors == Array(repeating: .notFound, count: 50))
  }

  @Test func beyondTheLimitTheyAreTurnedAwayAtOnce() {
    var limits = Shard.Limits(Settings(), shardCount: 1)
    limits.waitingPerIDMax = 3
    let errors = answers(10, limits) { _ in }
    #expect(
      errors == Array(repeating: .overloaded, count: 6) + Array(repeating: .notFound, count: 4))
  }
}
