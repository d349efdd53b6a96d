import Messages
import Testing

@testable import Coordinator

struct EasyCarRunReaderTests {
  private func read(
    _ entries: [EasyCar.RegisterReq.Branch]
  ) -> (runs: [EasyCarRun], violations: FieldViolations) {
    var violations = FieldViolations()
    return (EasyCarRunReader.runs(in: entries, &violations), violations)
  }

  private func read(
    _ actions: EasyCar.Action...
  ) -> (runs: [EasyCarRun], violations: FieldViolations) {
    read(actions.map { EasyCarEntries.entry($0) })
  }

  @Test func runsOfBothKindsStandInARow() {
    let (runs, violations) = read(
      .try, .confirm, .cancel, .normal, .compensation, .try, .confirm, .cancel)
    #expect(violations.isEmpty)
    #expect(
      runs == [
        EasyCarRun(opening: 0, mode: .tcc, confirm: 1, undo: 2),
        EasyCarRun(opening: 3, mode: .saga, confirm: nil, undo: 4),
        EasyCarRun(opening: 5, mode: .tcc, confirm: 6, undo: 7),
      ])
  }

  @Test func noEntriesAreNoRuns() {
    #expect(read([]).runs.isEmpty)
    #expect(read([]).violations.isEmpty)
  }

  /// Actions, and what is told of them: the field and a part of the words.
  @Test(
    arguments: [
      ([.try], [("[0].action", "without CONFIRM and CANCEL")]),
      ([.try, .confirm], [("[0].action", "without CANCEL")]),
      ([.try, .cancel], [("[0].action", "without CONFIRM")]),
      ([.normal], [("[0].action", "without COMPENSATION")]),
      ([.try, .try, .confirm, .cancel], [("[0].action", "without CONFIRM and CANCEL")]),
      ([.confirm], [("[0].action", "belongs to no branch")]),
      ([.cancel, .try, .confirm, .cancel], [("[0].action", "belongs to no branch")]),
      ([.try, .cancel, .confirm], [("[2].action", "CONFIRM after the CANCEL")]),
      ([.try, .confirm, .confirm, .cancel], [("[2].action", "a second CONFIRM")]),
      ([.try, .confirm, .cancel, .cancel], [("[3].action", "a second CANCEL")]),
      ([.normal, .compensation, .compensation], [("[2].action", "a second COMPENSATION")]),
      (
        [.normal, .cancel],
        [("[1].action", "CANCEL in the branch"), ("[0].action", "without COMPENSATION")]
      ),
      (
        [.try, .confirm, .compensation],
        [("[2].action", "COMPENSATION in the branch"), ("[0].action", "without CANCEL")]
      ),
    ] as [([EasyCar.Action], [(String, String)])])
  func whatIsNoRunIsTold(_ actions: [EasyCar.Action], _ told: [(String, String)]) {
    let (_, violations) = read(actions.map { EasyCarEntries.entry($0) })
    #expect(violations.fields == told.map { "branches" + $0.0 })
    for (violation, (_, words)) in zip(violations.described, told) {
      #expect(violation.description.contains(words))
    }
  }

  @Test func anActionThatIsNotKnownIsTheOnlyThingToldOfItsRun() {
    let (_, violations) = read(.try, .unrecognized(9), .cancel)
    #expect(violations.fields == ["branches[1].action"])
    let first = read(.unKnowTransactionType, .confirm, .cancel)
    #expect(first.violations.fields == ["branches[0].action"])
    let next = read(.unrecognized(-1), .normal)
    #expect(next.violations.fields == ["branches[0].action", "branches[1].action"])
  }

  @Test func aTypeIsKnownAndFitsTheAction() {
    let (_, violations) = read([
      EasyCarEntries.entry(.try) { $0.tranType = .sage },
      EasyCarEntries.entry(.confirm) { $0.tranType = .unKnow },
      EasyCarEntries.entry(.cancel) { $0.tranType = .unrecognized(3) },
    ])
    #expect(
      violations.fields == [
        "branches[0].tranType", "branches[1].tranType", "branches[2].tranType",
      ])
    #expect(violations.described[0].description == "is SAGE beside the action TRY; write TCC")
  }

  @Test func aBranchHasOneLevelAndOneTimeout() {
    var entries = EasyCarEntries.tcc()
    entries[1].level = 2
    entries[2].timeout = 4
    #expect(read(entries).violations.fields == ["branches[1].level", "branches[2].timeout"])
  }
}
