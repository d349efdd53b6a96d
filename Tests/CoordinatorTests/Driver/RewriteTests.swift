import Mode
import Store
import Testing

@testable import Coordinator

/// Writes of live transactions that the store cannot answer.
@Suite struct RewriteTests {
  @Test func eachFurtherFailureDoublesTheDelay() {
    let lone = LoneShard()
    lone.execute([Requests.saga("a")], goal: .end) { _ in }
    lone.settle()
    lone.shard.replied(to: lone.called[0].ticket, CallReport(.done))
    var delays: [Int64] = []
    // The insert had the first ticket.
    for ticket in 2...8 as ClosedRange<UInt64> {
      lone.shard.completed([(ticket, .update(.failed("a row is locked")))])
      delays.append(lone.pass())
    }
    #expect(delays == [250, 500, 1_000, 2_000, 4_000, 5_000, 5_000])
  }
}
