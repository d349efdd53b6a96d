import Logging
import Mode
import Testing

@testable import Coordinator

@Suite struct ParticipantGatesTests {
  @Test func gatesThatNobodyUsesAreForgottenWhenThereAreMany() {
    let gates = ParticipantGates(
      limits: .forTests, idleMax: .milliseconds(-1), sweepFirst: 100,
      logger: Logger(label: "test"))
    let used = gates.gate(at: "used:1")
    guard case .send(let pass) = used.offer(isRetry: false, wait: { _ in preconditionFailure() })
    else { return #expect(Bool(false)) }
    for number in 0..<10_000 {
      #expect(gates.count <= 100)
      _ = gates.gate(at: "idle:\(number)")
    }
    #expect(gates.known(at: "used:1") === used)
    used.ended(pass, .done)
    for number in 0..<200 { _ = gates.gate(at: "more:\(number)") }
    #expect(gates.known(at: "used:1") == nil)
  }

  @Test func gatesThatAreInUseAreKeptHoweverManyThereAre() {
    let gates = ParticipantGates(
      limits: .forTests, sweepFirst: 10, logger: Logger(label: "test"))
    for number in 0..<1_000 { _ = gates.gate(at: "new:\(number)") }
    #expect(gates.count == 1_000)
  }
}
