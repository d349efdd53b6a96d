import Messages
import Mode
import ProtoWire
import Store
import Testing

@testable import Coordinator

struct EasyCarStatesTests {
  private let reader = BranchReader(Settings().defaults)

  private func stored(
    _ state: Transaction.State, _ branch: CaravanV1.Branch = Requests.tcc("a", level: 3),
    _ outcome: OutcomeRecord? = nil, attention: Bool = false
  ) -> StoredTransaction {
    var stored = Rows.stored(
      "g-1", state: state, branches: [reader.definition(of: branch)].compactMap { $0?.record },
      outcomes: outcome.map { [$0] } ?? [])
    if attention {
      stored.point.attention = AttentionRecord(cause: .refused, branch: 0, text: "no")
    }
    return stored
  }

  private func answer(_ stored: StoredTransaction) -> EasyCar.GetStateResp {
    EasyCar.GetStateResp(TransactionView(stored: stored, calling: []))
  }

  private func states(_ stored: StoredTransaction) -> [EasyCar.BranchState] {
    answer(stored).branches.map(\.state)
  }

  // MARK: The transaction

  @Test(
    arguments: [
      (.active, .initial, .initial),
      (.executing(.commit), .phase1Processing, .phase1Processing),
      (.executing(.start), .phase1Processing, .phase1Processing),
      (.prepared, .phase1Success, .phase1Success),
      (.committing, .phase2Committing, .phase2CommitFailed),
      (.rollingBack, .phase2Rollbacking, .phase2RollbackFailed),
      (.committed, .committed, .committed),
      (.rolledBack, .rollbacked, .rollbacked),
    ] as [(Transaction.State, EasyCar.GlobalState, EasyCar.GlobalState)])
  func everyStateHasANumber(
    _ state: Transaction.State, _ expected: EasyCar.GlobalState, _ flagged: EasyCar.GlobalState
  ) {
    #expect(answer(stored(state)).state == expected)
    #expect(answer(stored(state, attention: true)).state == flagged)
  }

  @Test(
    arguments: [
      (OutcomeRecord(attempts: 1), EasyCar.GlobalState.phase1Processing),
      (OutcomeRecord(attempts: 2), .phase1Retrying),
      (OutcomeRecord(attempts: 1, nextAt: Instant(milliseconds: 9)), .phase1Retrying),
      (OutcomeRecord(phaseOne: .unknown), .phase1Retrying),
      (OutcomeRecord(phaseOne: .done, attempts: 3), .phase1Processing),
    ])
  func aRepeatInPhaseOneShows(_ outcome: OutcomeRecord, _ expected: EasyCar.GlobalState) {
    #expect(
      answer(stored(.executing(.commit), Requests.tcc("a"), outcome)).state == expected)
  }

  @Test func theEndIsInSeconds() {
    var ended = stored(.committed)
    ended.point.endedAt = Instant(milliseconds: 1_999)
    #expect(answer(ended).endTime == 1)
    #expect(answer(stored(.active)).endTime == 0)
  }

  // MARK: Entries

  @Test func anEntryStandsForEachActionAsItWasRegistered() {
    var branch = Requests.tcc("a", level: 3)
    branch.phaseOne?.metadata = ["b": "2", "easycargid": "g-1"]
    branch.phaseOne?.payload = [0x68, 0xFF]
    let tcc = answer(stored(.active, branch)).branches
    #expect(tcc.map(\.action) == [.try, .confirm, .cancel])
    #expect(
      tcc[0]
        == EasyCar.GetStateResp.Branch {
          $0.branchId = "a"
          $0.reqData = "h\u{FFFD}"
          $0.reqHeader = #"{"b":"2"}"#
          $0.uri = "grpc://127.0.0.1:9000/shop.Stock/Try"
          $0.tranType = .tcc
          $0.protocolName = "grpc"
          $0.action = .try
          $0.state = .initial
          $0.level = 3
        })
    let saga = answer(stored(.active, Requests.saga("a"))).branches
    #expect(saga.map(\.action) == [.normal, .compensation])
    #expect(saga.map(\.tranType) == [.sage, .sage])
  }

  /// Where the three entries of a TCC branch stand.
  @Test(
    arguments: [
      (.executing(.commit), OutcomeRecord(), [.initial, .initial, .initial]),
      (.executing(.commit), OutcomeRecord(attempts: 2), [.retrying, .initial, .initial]),
      (.executing(.commit), OutcomeRecord(phaseOne: .done), [.succeed, .initial, .initial]),
      (.prepared, OutcomeRecord(phaseOne: .done), [.succeed, .initial, .initial]),
      (
        .committing, OutcomeRecord(phaseOne: .done, phaseTwo: .pending, attempts: 1),
        [.succeed, .initial, .initial]
      ),
      (
        .committing, OutcomeRecord(phaseOne: .done, phaseTwo: .pending, attempts: 2),
        [.succeed, .retrying, .initial]
      ),
      (
        .committed, OutcomeRecord(phaseOne: .done, phaseTwo: .done), [.succeed, .succeed, .initial]
      ),
      (.rollingBack, OutcomeRecord(phaseOne: .refused), [.failed, .initial, .initial]),
      (
        .rollingBack, OutcomeRecord(phaseOne: .unknown, phaseTwo: .pending, attempts: 5),
        [.failed, .initial, .retrying]
      ),
      (
        .rollingBack,
        OutcomeRecord(
          phaseOne: .unknown, phaseTwo: .pending, nextAt: Instant(milliseconds: 9)),
        [.failed, .initial, .initial]
      ),
      (
        .rolledBack, OutcomeRecord(phaseOne: .unknown, phaseTwo: .done),
        [.failed, .initial, .succeed]
      ),
      (
        .rolledBack, OutcomeRecord(phaseOne: .done, phaseTwo: .stated),
        [.succeed, .initial, .succeed]
      ),
      (.rolledBack, OutcomeRecord(attempts: 3), [.initial, .initial, .initial]),
    ] as [(Transaction.State, OutcomeRecord, [EasyCar.BranchState])])
  func entriesOfATCCBranch(
    _ state: Transaction.State, _ outcome: OutcomeRecord, _ expected: [EasyCar.BranchState]
  ) {
    #expect(states(stored(state, Requests.tcc("a"), outcome)) == expected)
  }

  @Test func anActionThatMustSucceedStandsWherePhaseTwoStands() {
    let mail = Requests.mustSucceed("mail", level: 1)
    let pending = OutcomeRecord(phaseTwo: .pending, attempts: 2)
    #expect(states(stored(.committing, mail, pending)) == [.retrying])
    #expect(
      states(stored(.committed, mail, OutcomeRecord(phaseOne: .done, phaseTwo: .done)))
        == [.succeed])
  }

  @Test func anErrorStandsAtTheActionThatFailed() {
    let confirm = OutcomeRecord(
      phaseOne: .done, phaseTwo: .pending, attempts: 2, error: "confirm: ABORTED: locked")
    #expect(
      answer(stored(.committing, Requests.tcc("a"), confirm)).branches.map(\.lastErrMsg)
        == ["", "confirm: ABORTED: locked", ""])
    // An undo that was answered has cleared the error; the reason of the rollback still has it.
    var back = stored(
      .rolledBack, Requests.tcc("a"), OutcomeRecord(phaseOne: .unknown, phaseTwo: .done))
    back.point.reason = ReasonRecord(cause: .exhausted, branch: 0, text: "try: UNAVAILABLE: gone")
    #expect(answer(back).branches.map(\.lastErrMsg) == ["try: UNAVAILABLE: gone", "", ""])
  }

  @Test func aResponseStaysWithinItsBytes() throws {
    var large = Requests.saga("a")
    large.phaseOne?.payload = Array(repeating: 0x61, count: 3 << 20)
    large.undo?.payload = large.phaseOne?.payload ?? []
    let response = answer(stored(.active, large))
    #expect(response.wireBytes().count <= CaravanV1.Transaction.responseBytesMax)
    #expect(response.branches.map(\.reqData.utf8.count) == [3 << 20, 0])
    #expect(!response.branches[1].uri.isEmpty)
  }
}
