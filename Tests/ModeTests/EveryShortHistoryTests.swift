import Mode
import Testing

/// Walks every history of some length, breadth first, and holds each of its steps against the
/// invariants.
@Suite struct EveryShortHistoryTests {
  struct Walk: CustomTestStringConvertible, Sendable {
    var testDescription: String
    var branches: [BranchPlan]
    var depth: Int
  }

  /// Small numbers, so that delays, timeouts and the deadline meet within a few steps.
  static let retry = RetryPolicy(
    attemptsMax: 2, phaseOne: backoff, phaseTwo: backoff, attemptTimeout: .milliseconds(5),
    attentionAfter: 2)
  private static let backoff = RetryPolicy.Backoff(
    first: .milliseconds(2), factor: 2, max: .milliseconds(3), jitter: 0)

  static let walks: [Walk] = [
    Walk(testDescription: "no branch", branches: [], depth: 8),
    Walk(testDescription: "one TCC branch", branches: [.tcc(retry: retry)], depth: 8),
    Walk(testDescription: "one Saga branch", branches: [.saga(retry: retry)], depth: 8),
    Walk(
      testDescription: "one of each on one level",
      branches: [.tcc(retry: retry), .saga(retry: retry)], depth: 6),
    Walk(
      testDescription: "two Saga branches on two levels",
      branches: [.saga(level: 1, retry: retry), .saga(level: 2, retry: retry)], depth: 6),
    Walk(
      testDescription: "Saga over TCC, the caller's between",
      branches: [
        .tcc(level: 1, retry: retry), .saga(level: 2, .calledByCaller, retry: retry),
        .saga(level: 3, retry: retry),
      ], depth: 6),
    Walk(
      testDescription: "two that must succeed over one that may fail",
      branches: [
        .tcc(level: 1, retry: retry), .saga(level: 2, .mustSucceed, retry: retry),
        .saga(level: 3, .mustSucceed, retry: retry),
      ], depth: 6),
    Walk(
      testDescription: "what uses replies over what gives them",
      branches: [
        .saga(level: 1, retry: retry), .tcc(level: 2, retry: retry, usesReplies: true),
        .saga(level: 2, retry: retry),
      ], depth: 6),
    Walk(
      testDescription: "undos that use their own reply",
      branches: [
        .saga(level: 1, retry: retry, undoUsesOwnReply: true),
        .tcc(level: 1, retry: retry, undoUsesOwnReply: true), .saga(level: 2, retry: retry),
      ], depth: 6),
  ]

  @Test(arguments: walks)
  func everyShortHistoryKeepsTheInvariants(_ walk: Walk) {
    var origins: [HistoryState: (from: HistoryState, by: HistoryEvent)] = [:]
    let start = HistoryState(walk.branches, deadline: 12)
    var seen: Set<HistoryState> = [start]
    var frontier = [start]
    var steps = 0
    for _ in 0..<walk.depth {
      var next: [HistoryState] = []
      for state in frontier {
        for event in state.choices {
          steps += 1
          var follower = state
          do {
            try follower.take(event)
          } catch {
            Issue.record("\(error)\n\(history(of: state, origins)) then \(event)")
            return
          }
          if seen.insert(follower).inserted {
            origins[follower] = (state, event)
            next.append(follower)
          }
        }
      }
      frontier = next
    }
    #expect(steps > 10)
  }

  private func history(
    of state: HistoryState,
    _ origins: [HistoryState: (from: HistoryState, by: HistoryEvent)]
  ) -> String {
    var events: [String] = []
    var current = state
    while let origin = origins[current] {
      events.append("\(origin.by)")
      current = origin.from
    }
    return events.reversed().joined(separator: ", ")
  }
}
