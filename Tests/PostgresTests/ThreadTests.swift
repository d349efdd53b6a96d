import Postgres
import Testing

@Suite struct ThreadTests {
  @Test func aSerialThreadRunsWhatIsQueuedInOrderAndThenEnds() {
    let seen = Monitor<[Int]>([])
    let thread = SerialThread(name: "serial") { 0 }
    for number in 0..<1000 {
      thread.submit { state in
        #expect(state == number)
        state += 1
        let last = state
        seen.update { $0.append(last) }
      }
    }
    thread.stop()
    #expect(!thread.submit { _ in Issue.record("ran after stop") })
    thread.join()
    #expect(seen.read { $0 } == Array(1...1000))
  }

  @Test func aMonitorWaitsForAConditionOrItsLimit() {
    let monitor = Monitor(0)
    let thread = OwnThread(name: "counter") {
      for _ in 0..<100 { monitor.update { $0 += 1 } }
    }
    #expect(monitor.wait { $0 == 100 ? $0 : nil } == 100)
    #expect(monitor.wait(atMost: .milliseconds(5)) { $0 == 101 ? $0 : nil } == nil)
    thread.join()
  }
}
