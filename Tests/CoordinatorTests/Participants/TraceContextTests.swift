import Mode
import Testing

@testable import Coordinator

struct TraceContextTests {
  private func parts(
    _ transaction: String = "order-1", branch: String = "stock", action: Action = .try,
    attempt: UInt32 = 1, fence: Int64 = 1
  ) -> [String] {
    TraceContext(transaction: transaction)
      .header(branch: branch, action: action, attempt: attempt, fence: fence)
      .split(separator: "-").map(String.init)
  }

  @Test func theHeaderHasTheFormOfTheStandard() {
    let parts = parts()
    #expect(parts.map(\.utf8.count) == [2, 32, 16, 2])
    #expect(parts[0] == "00" && parts[3] == "01")
    #expect(parts.joined().allSatisfy { "0123456789abcdef".contains($0) })
  }

  @Test func aTransactionIsOneTraceAndEachAttemptASpanOfItsOwn() {
    let calls = [
      parts(), parts(branch: "mail"), parts(action: .cancel), parts(attempt: 2), parts(fence: 2),
    ]
    #expect(Set(calls.map { $0[1] }).count == 1)
    #expect(Set(calls.map { $0[2] }).count == calls.count)
    #expect(parts("order-2")[1] != parts()[1])
    #expect(parts("order-2")[2] != parts()[2])
  }

  /// A restart, and another node, go on with the same trace.
  @Test func theSameNamesMakeTheSameHeader() {
    #expect(parts() == parts())
  }

  @Test func manyTransactionsHaveManyTraces() {
    let traces = Set((0..<20_000).map { parts("order-\($0)")[1] })
    #expect(traces.count == 20_000)
  }
}
