import Messages
import Mode
import ProtoWire
import Store
import Testing

@testable import Coordinator

struct TransactionMessageTests {
  @Test func everythingIsTakenOver() {
    var stored = Rows.stored(
      "order-1", state: .rollingBack, branches: [Rows.branch("a"), Rows.branch("b")],
      outcomes: [
        OutcomeRecord(
          phaseOne: .done, phaseTwo: .pending, attempts: 2, nextAt: Instant(milliseconds: 5_000),
          reply: [1, 2], error: "cancel: UNAVAILABLE: gone"),
        OutcomeRecord(phaseOne: .refused, replyOmitted: true),
      ], reason: ReasonRecord(cause: .refused, branch: 1, text: "no"))
    stored.point.attention = AttentionRecord(cause: .attempts, branch: 0, text: "look")
    stored.point.paused = true
    let message = CaravanV1.Transaction(TransactionView(stored: stored, calling: []))
    #expect(
      message
        == CaravanV1.Transaction {
          $0.id = "order-1"
          $0.state = .rollingBack
          $0.branches = [
            CaravanV1.BranchOutcome {
              $0.id = "a"
              $0.level = 1
              $0.mode = .tcc
              $0.phaseOne = .done
              $0.phaseTwo = .pending
              $0.attempts = 2
              $0.reply = [1, 2]
              $0.error = "cancel: UNAVAILABLE: gone"
              $0.nextAttemptAt = GoogleProtobuf.Timestamp { $0.seconds = 5 }
            },
            CaravanV1.BranchOutcome {
              $0.id = "b"
              $0.level = 1
              $0.mode = .tcc
              $0.phaseOne = .refused
              $0.phaseTwo = .none
              $0.replyOmitted = true
            },
          ]
          $0.reason = CaravanV1.RollbackReason {
            $0.cause = .refused
            $0.branch = "b"
            $0.text = "no"
          }
          $0.deadline = GoogleProtobuf.Timestamp { $0.seconds = 2 }
          $0.createdAt = GoogleProtobuf.Timestamp { $0.seconds = 1 }
          $0.needsAttention = "look"
          $0.paused = true
          $0.branchCount = 2
          $0.owner = 7
          $0.fence = 3
        })
  }

  @Test func branchesOfWhichNothingIsKnownAreUntouched() {
    let stored = Rows.stored("a", state: .active, branches: [Rows.branch("b")])
    let message = CaravanV1.Transaction(TransactionView(stored: stored, calling: []))
    #expect(message.branches.map(\.phaseOne) == [.untouched])
    #expect(message.branches.map(\.phaseTwo) == [.none])
  }

  @Test func aCallUnderWayHasNoNextAttempt() {
    let stored = Rows.stored(
      "a", state: .executing(.commit), branches: [Rows.branch("b")],
      outcomes: [OutcomeRecord(attempts: 1, nextAt: Instant(milliseconds: 1))])
    let message = CaravanV1.Transaction(TransactionView(stored: stored, calling: [0]))
    #expect(message.branches[0].calling)
    #expect(message.branches[0].nextAttemptAt == nil)
  }

  @Test func aResponseNeverExceedsWhatClientsTake() {
    let huge = OutcomeRecord(
      phaseOne: .done, reply: Array(repeating: 7, count: 64 << 10),
      error: String(repeating: "e", count: 1_024))
    let stored = Rows.stored(
      "a", state: .committed, branches: (0..<1_000).map { Rows.branch("branch-\($0)") },
      outcomes: Array(repeating: huge, count: 1_000))
    let message = CaravanV1.Transaction(TransactionView(stored: stored, calling: []))
    let response = CaravanV1.CommitResponse { $0.transaction = message }
    #expect(response.wireBytes().count <= 4 << 20)
    #expect(message.branches[0].reply.count == 64 << 10)
    #expect(message.branches[999].reply.isEmpty)
    #expect(message.branches[999].replyOmitted)
    #expect(message.branches.allSatisfy { $0.error.utf8.count == 1_024 })
  }

  @Test func errorsAreShortenedWhereEvenThatIsTooMuch() {
    let outcome = OutcomeRecord(
      phaseOne: .unknown, error: String(repeating: "é", count: 2_048))
    let stored = Rows.stored(
      "a", state: .rolledBack, branches: (0..<5_000).map { Rows.branch("branch-\($0)") },
      outcomes: Array(repeating: outcome, count: 5_000))
    let message = CaravanV1.Transaction(TransactionView(stored: stored, calling: []))
    #expect(message.wireBytes().count <= 4 << 20)
    #expect(message.branches.allSatisfy { !$0.error.isEmpty })
  }
}
