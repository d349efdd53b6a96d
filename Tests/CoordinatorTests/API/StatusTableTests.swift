import GRPC
import Messages
import Mode
import ProtoWire
import Store
import Testing

@testable import Coordinator

struct StatusTableTests {
  private let committed = TransactionView(
    stored: Rows.stored("order-1", state: .committed), calling: [])

  private func info(_ status: Status) throws -> GoogleRPC.ErrorInfo {
    let details = try GoogleRPC.Status(wire: status.details)
    #expect(details.code == Int32(status.code.rawValue))
    #expect(details.message == status.message)
    return try #require(try details.details.first?.unpacked(as: GoogleRPC.ErrorInfo.self))
  }

  @Test func anUnknownIDIsNotFound() throws {
    let status = Status(.notFound, .get, id: "order-1")
    #expect(status.code == .notFound)
    #expect(status.message.contains("order-1"))
    #expect(try info(status).metadata == ["transaction": "order-1"])
  }

  @Test func otherContentUnderTheSameIDAlreadyExists() throws {
    let status = Status(.alreadyExists(committed), .begin, id: "order-1")
    #expect(status.code == .alreadyExists)
    #expect(try info(status).reason == "OTHER_CONTENT")
    #expect(try info(status).metadata["state"] == "COMMITTED")
  }

  @Test func aWrongStateNamesTheStateAndWhatIsAccepted() throws {
    let status = Status(.wrongState(committed), .rollback, id: "order-1")
    #expect(status.code == .failedPrecondition)
    #expect(
      status.message
        == "transaction order-1 is COMMITTED; "
        + "Rollback is accepted in every state but COMMITTING and COMMITTED")
    #expect(try info(status).metadata["accepted"] == RequestKind.rollback.accepted)
  }

  @Test func aCommitAfterARequestedRollbackSaysWhyItWasRolledBack() throws {
    let stored = Rows.stored(
      "order-1", state: .rolledBack, reason: ReasonRecord(cause: .requested, text: "changed mind"))
    let status = Status(
      .wrongState(TransactionView(stored: stored, calling: [])), .commit, id: "order-1")
    #expect(status.message.hasPrefix("transaction order-1 is ROLLED_BACK: changed mind; "))
    #expect(try info(status).metadata["cause"] == "REQUESTED")
  }

  @Test func errorsAboutBranchesNameThem() throws {
    let conflict = Status(
      .branchConflict(branch: "stock"), .register, id: "order-1", view: committed)
    #expect(conflict.code == .alreadyExists)
    #expect(conflict.message.contains("branch stock of transaction order-1 (COMMITTED)"))
    #expect(try info(conflict).metadata["branch"] == "stock")
    let many = Status(.tooManyBranches(count: 1_001), .register, id: "order-1")
    #expect(many.code == .failedPrecondition)
    #expect(many.message.contains("would have 1001 branches"))
    let large = Status(.branchesTooLarge(bytes: 20_000_000), .register, id: "order-1")
    #expect(large.code == .failedPrecondition)
    #expect(large.message.contains("branches of 20000000 bytes"))
  }

  @Test func branchesThatCannotBeCommittedAreAnArgumentOfExecuteAlone() throws {
    let error = RequestError.plan(
      .mustSucceedNotAbove(branch: 1, level: 2, ordinaryLevelMax: 4), branch: "mail")
    #expect(Status(error, .execute, id: "a").code == .invalidArgument)
    let status = Status(error, .commit, id: "a")
    #expect(status.code == .failedPrecondition)
    #expect(try info(status).metadata["level_min"] == "5")
  }

  @Test(arguments: [
    (RequestError.overloaded, StatusCode.resourceExhausted, "OVERLOADED"),
    (.unavailable("the database is away"), .unavailable, "UNAVAILABLE"),
  ])
  func whoIsTurnedAwayIsToldWhenToComeBack(
    error: RequestError, code: StatusCode, reason: String
  ) throws {
    let status = Status(error, .execute, id: "order-1")
    #expect(status.code == code)
    #expect(status.message.contains("ask again with the same id"))
    #expect(try info(status).reason == reason)
    let pushback = try #require(
      status.metadata.first("grpc-retry-pushback-ms").flatMap { Int64($0) })
    let details = try GoogleRPC.Status(wire: status.details)
    let retry = try #require(try details.details.last?.unpacked(as: GoogleRPC.RetryInfo.self))
    #expect(retry.retryDelay?.duration == .milliseconds(pushback))
    #expect(pushback > 0)
  }
}
