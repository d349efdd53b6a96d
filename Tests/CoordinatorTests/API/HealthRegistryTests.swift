import Messages
import Synchronization
import Testing

@testable import Coordinator

struct HealthRegistryTests {
  private let registry = HealthRegistry(services: ["caravan.v1.Coordinator"])

  @Test func knownServicesStartOutNotServing() {
    #expect(registry.status(of: HealthRegistry.server) == .notServing)
    #expect(registry.status(of: "caravan.v1.Coordinator") == .notServing)
    #expect(registry.status(of: "other") == nil)
  }

  @Test func aWatchIsToldTheStatusAtOnceAndThenEveryChange() {
    let watched = Watched()
    _ = registry.watch("caravan.v1.Coordinator", tell: watched.tell)
    registry.set(.serving, for: "caravan.v1.Coordinator")
    registry.set(.serving, for: "caravan.v1.Coordinator")
    registry.set(.notServing, for: HealthRegistry.server)
    registry.setAll(.notServing)
    #expect(watched.news == [.status(.notServing), .status(.serving), .status(.notServing)])
  }

  @Test func aWatchOfAnUnknownServiceWaitsForIt() {
    let watched = Watched()
    _ = registry.watch("later", tell: watched.tell)
    registry.set(.serving, for: "later")
    #expect(watched.news == [.status(.serviceUnknown), .status(.serving)])
  }

  @Test func anEndedWatchIsToldNothingMore() {
    let watched = Watched()
    let watch = registry.watch(HealthRegistry.server, tell: watched.tell)
    registry.unwatch(watch)
    registry.unwatch(watch)
    registry.setAll(.serving)
    registry.drain()
    #expect(watched.news == [.status(.notServing)])
  }

  @Test func drainingEndsEveryWatchAndIsFinal() {
    registry.setAll(.serving)
    let before = Watched()
    _ = registry.watch(HealthRegistry.server, tell: before.tell)
    registry.drain()
    registry.drain()
    registry.setAll(.serving)
    registry.set(.serving, for: "caravan.v1.Coordinator")
    #expect(before.news == [.status(.serving), .status(.notServing), .ended])
    #expect(registry.status(of: "caravan.v1.Coordinator") == .notServing)

    let after = Watched()
    _ = registry.watch(HealthRegistry.server, tell: after.tell)
    #expect(after.news == [.status(.notServing), .ended])
  }

  @Test func changesFromManyThreadsReachEveryWatchInOneOrder() async {
    let watched = (0..<4).map { _ in Watched() }
    for each in watched { _ = registry.watch(HealthRegistry.server, tell: each.tell) }
    await withTaskGroup { group in
      for status in [.serving, .notServing, .unknown] as [HealthRegistry.ServingStatus] {
        group.addTask { [registry] in
          for _ in 0..<500 { registry.setAll(status) }
        }
      }
    }
    let last = HealthRegistry.News.status(registry.status(of: HealthRegistry.server) ?? .unknown)
    for each in watched {
      #expect(each.news == watched[0].news)
      #expect(each.news.last == last)
    }
  }
}

/// What a watch was told.
private final class Watched: Sendable {
  private let told = Mutex<[HealthRegistry.News]>([])

  var news: [HealthRegistry.News] { told.withLock { $0 } }

  @Sendable func tell(_ news: HealthRegistry.News) {
    told.withLock { $0.append(news) }
  }
}
