import Mode
import Store
import StoreTesting
import Testing

@testable import Coordinator

struct WaitingTests {
  @Test func whoStaysIsToldTheEnd() throws {
    let lone = LoneShard()
    var outcomes: [RequestOutcome] = []
    lone.execute([Requests.saga("a")], goal: .end) { outcomes.append($0) }
    lone.settle()
    #expect(outcomes.isEmpty)
    let ticket = try #require(lone.called.first?.ticket)
    lone.shard.replied(to: ticket, CallReport(.done, reply: [7]))
    lone.settle()
    let view = try #require(outcomes.first).get()
    #expect(view.stored.point.state == .committed)
    #expect(view.stored.point.outcomes[0].reply == [7])
  }

  @Test func whoLeavesIsForgottenAndTheTransactionGoesOn() throws {
    let lone = LoneShard()
    let asker = Asker()
    lone.execute([Requests.saga("a")], goal: .end.asked(by: asker)) { _ in }
    lone.settle()
    let live = try #require(lone.shard.live["order-1"])
    #expect(live.waiters.count == 1)
    for _ in 0..<100 {
      let impatient = Asker()
      lone.shard.request(.commit, id: "order-1", goal: .end.asked(by: impatient)) { _ in }
      lone.shard.leave("order-1", impatient)
    }
    #expect(live.waiters.count == 1)
    lone.shard.leave("order-1", asker)
    #expect(live.waiters.isEmpty)
    lone.shard.replied(to: try #require(lone.called.first?.ticket), CallReport(.done))
    lone.settle()
    #expect(lone.store.row("order-1")?.point.state == .committed)
  }

  @Test func whoLeavesBeforeTheRequestIsDurableIsNotKeptEither() throws {
    let lone = LoneShard()
    let asker = Asker()
    lone.execute([Requests.saga("a")], goal: .end.asked(by: asker)) { _ in }
    lone.shard.leave("order-1", asker)
    lone.settle()
    let live = try #require(lone.shard.live["order-1"])
    #expect(live.waiters.isEmpty)
    #expect(lone.called.count == 1)
  }
}
