import GRPC
import HTTP2
import Messages
import Mode
import ProtoWire
import Store
import Testing

@testable import Coordinator

struct StatusDetailsTests {
  /// What HTTP/2 counts of the trailers, as clients do that limit them to 8 KiB.
  private func trailerBytes(_ status: Status) -> Int {
    var bytes = 0
    status.trailers.forEach { name, value in bytes += name.count + value.count + 32 }
    return bytes
  }

  private func details(_ status: Status) throws -> GoogleRPC.Status {
    try GoogleRPC.Status(wire: status.details)
  }

  private func info(_ status: Status) throws -> GoogleRPC.ErrorInfo {
    try #require(try details(status).details.first?.unpacked(as: GoogleRPC.ErrorInfo.self))
  }

  private func summary(_ status: Status) throws -> CaravanV1.RollbackSummary {
    try #require(
      try details(status).details.last?.unpacked(as: CaravanV1.RollbackSummary.self))
  }

  @Test func anAbortedSaysWhy() throws {
    let status = Status.rolledBack(Rows.rolledBack(branches: 2, error: "action: ABORTED: no"))
    #expect(status.code == .aborted)
    #expect(
      status.message
        == "transaction order-1 was rolled back: branch branch-0 refused: action: ABORTED: no; "
        + "this is final")
    #expect(try details(status).code == 10)
    #expect(try details(status).message == status.message)
    #expect(
      try info(status)
        == GoogleRPC.ErrorInfo {
          $0.reason = "ROLLED_BACK"
          $0.domain = "caravan"
          $0.metadata = [
            "transaction": "order-1", "state": "ROLLED_BACK", "cause": "REFUSED",
            "branch": "branch-0",
          ]
        })
    let summary = try summary(status)
    #expect(summary.id == "order-1")
    #expect(summary.state == .rolledBack)
    #expect(summary.reason?.cause == .refused)
    #expect(summary.failedBranchCount == 2)
    #expect(summary.failedBranches.map(\.id) == ["branch-0", "branch-1"])
    #expect(summary.failedBranches.allSatisfy { $0.reply.isEmpty })
  }

  @Test func aRollbackUnderWayIsToldAsSuch() throws {
    let status = Status.rolledBack(
      Rows.rolledBack(branches: 1, error: "no", state: .rollingBack))
    #expect(try info(status).reason == "ROLLING_BACK")
    #expect(try summary(status).state == .rollingBack)
  }

  @Test func theBranchThatCausedItComesFirst() throws {
    let status = Status.rolledBack(Rows.rolledBack(branches: 5, error: "no", cause: 3))
    #expect(
      try summary(status).failedBranches.map(\.id)
        == ["branch-3", "branch-0", "branch-1", "branch-2", "branch-4"])
  }

  @Test func branchesThatDidNotFailAreLeftOut() throws {
    var view = Rows.rolledBack(branches: 5, error: "")
    view.stored.point.reason = ReasonRecord(cause: .deadline, text: "late")
    view.stored.point.outcomes = [
      OutcomeRecord(phaseOne: .done), OutcomeRecord(phaseOne: .unknown),
      OutcomeRecord(phaseOne: .untouched), OutcomeRecord(phaseOne: .unknown),
      OutcomeRecord(phaseOne: .untouched, error: "not sent"),
    ]
    view.stored.branches[3].role = .calledByCaller
    #expect(
      try summary(.rolledBack(view)).failedBranches.map(\.id) == ["branch-1", "branch-4"])
  }

  @Test(arguments: ["x", "é", "界", "%", "\u{1F600}", "\n"], [1, 10, 1_000])
  func noStatusIsCutByItsClient(character: String, count: Int) throws {
    let error = String(repeating: character, count: 1_024 / character.utf8.count)
    let id = String(repeating: "i", count: 128)
    let status = Status.rolledBack(Rows.rolledBack(branches: count, error: error, id: id))
    #expect(status.details.count <= 6_000)
    #expect(trailerBytes(status) <= 8 << 10)
    #expect(status.message.utf8.count <= 512)
    let summary = try summary(status)
    #expect(summary.failedBranchCount == UInt32(count))
    #expect(!summary.failedBranches.isEmpty)
    // What there is room for is used.
    if count == 1_000 { #expect(status.details.count > 3_500) }
  }

  @Test func aTransactionWithoutOutcomesIsSummedUpToo() throws {
    let stored = Rows.stored(
      "a", state: .rolledBack, branches: [Rows.branch("b")],
      reason: ReasonRecord(cause: .requested, branch: 9, text: "because"))
    let status = Status.rolledBack(TransactionView(stored: stored, calling: []))
    #expect(status.message == "transaction a was rolled back: because; this is final")
    #expect(try summary(status).failedBranches.isEmpty)
  }

  // MARK: Bad requests

  @Test func aBadRequestNamesEveryField() throws {
    var violations = FieldViolations()
    violations.add(.field("id"), "is wrong")
    violations.add(.retry(2, "attempts_max"), "is too much")
    let status = Status.refused(violations, .execute, id: "a b")
    #expect(status.code == .invalidArgument)
    #expect(
      status.message
        == "Execute of transaction 'a b' is refused: id: is wrong; "
        + "branches[2].retry.attempts_max: is too much")
    let request = try #require(
      try details(status).details.last?.unpacked(as: GoogleRPC.BadRequest.self))
    #expect(request.fieldViolations.map(\.field) == ["id", "branches[2].retry.attempts_max"])
    #expect(request.fieldViolations.map(\.description) == ["is wrong", "is too much"])
  }

  @Test func aFloodOfViolationsFitsIntoTheTrailers() throws {
    var violations = FieldViolations()
    for index in 0..<5_000 {
      violations.add(
        .retry(index, "attempts_max"), String(repeating: "é", count: 200))
    }
    let status = Status.refused(
      violations, .execute, id: String(repeating: "界", count: 100_000))
    #expect(trailerBytes(status) <= 8 << 10)
    let request = try #require(
      try details(status).details.last?.unpacked(as: GoogleRPC.BadRequest.self))
    let last = try #require(request.fieldViolations.last)
    #expect(last.description.hasSuffix("more violations; mend these first"))
    #expect(try info(status).metadata["violations"] == "5000")
  }

  @Test func aForbiddenAddressIsNamedWithTheSetting() throws {
    var violations = FieldViolations()
    violations.forbid("10.0.0.1:80", at: .call(0, .phaseOne, "grpc.address"))
    let status = Status.refused(violations, .register, id: "a")
    #expect(status.code == .permissionDenied)
    #expect(status.message.contains("'10.0.0.1:80' (branches[0].phase_one.grpc.address)"))
    #expect(status.message.contains("participants.allow"))
    #expect(try info(status).reason == "ADDRESS_NOT_ALLOWED")
  }

  @Test func wrongFieldsComeBeforeForbiddenAddresses() {
    var violations = FieldViolations()
    violations.forbid("10.0.0.1:80", at: .call(0, .phaseOne, "grpc.address"))
    violations.add(.field("id"), "is wrong")
    #expect(Status.refused(violations, .register, id: "a").code == .invalidArgument)
  }
}
