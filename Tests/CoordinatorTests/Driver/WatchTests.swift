import Messages
import Mode
import Store
import Testing

@testable import Coordinator

/// Those who watch, and leave.
@Suite struct WatchTests {
  private func watcher() -> Watcher { Watcher(id: "order-1", onChange: { _ in }, onEnd: { _ in }) }

  @Test func whoLeavesBeforeTheRowIsReadIsNotWaitedFor() {
    let lone = LoneShard()
    lone.begin()
    lone.settle()
    let watcher = watcher()
    lone.shard.watch(watcher)
    lone.shard.unwatch(watcher)
    lone.settle()
    #expect(lone.shard.watchers.isEmpty)
  }

  @Test func aTransactionThatStayedForItsWatcherAloneLeavesMemoryWithHim() {
    var limits = Shard.Limits(Settings(), shardCount: 1)
    limits.parkAfter = .seconds(1)
    let lone = LoneShard(limits: limits)
    lone.begin([Requests.saga("a")])
    lone.settle()
    lone.shard.request(.start, id: "order-1", goal: .prepared) { _ in }
    lone.settle()
    let watcher = watcher()
    lone.shard.watch(watcher)
    lone.shard.replied(to: lone.called[0].ticket, CallReport(.done))
    lone.settle()
    #expect(lone.shard.live["order-1"]?.machine.state == .prepared)
    lone.shard.unwatch(watcher)
    lone.settle()
    #expect(lone.shard.live.isEmpty)
  }
}
