import Messages
import Mode

/// The checks of branches.
extension RequestRules {
  /// - Returns: what their calls take from replies
  @discardableResult func checkBranches(
    _ branches: [CaravanV1.Branch], _ violations: inout FieldViolations
  ) -> CallPassings {
    var passings = CallPassings()
    if branches.count > limits.branchesMax {
      violations.add(
        .field("branches"),
        "has \(branches.count) branches; a transaction has at most \(limits.branchesMax)")
      return passings
    }
    // A span lends its elements; a loop over the array would copy each, with all that it refers to.
    let span = branches.span
    for index in span.indices {
      check(span[index], at: index, &passings, &violations)
    }
    checkDistinct(branches, &violations)
    return passings
  }

  private func checkDistinct(
    _ branches: [CaravanV1.Branch], _ violations: inout FieldViolations
  ) {
    guard branches.count > 1 else { return }
    if branches.count == 2 && branches[0].id != branches[1].id { return }
    var first: [String: Int] = Dictionary(minimumCapacity: branches.count)
    for (index, branch) in branches.enumerated() {
      if let earlier = first[branch.id] {
        violations.add(
          .branch(index, "id"),
          "\(Quotation.of(branch.id)) is the id of branches[\(earlier)] too; "
            + "an id is unique in its transaction")
      } else {
        first[branch.id] = index
      }
    }
  }

  private func check(
    _ branch: CaravanV1.Branch, at index: Int, _ passings: inout CallPassings,
    _ violations: inout FieldViolations
  ) {
    checkID(branch.id, .branch(index, "id"), &violations)
    if branch.level > limits.levelMax {
      violations.add(
        .branch(index, "level"), "is \(branch.level); write 0 to \(limits.levelMax)")
    }
    checkPhaseOne(branch, index, &violations)
    switch branch.mode {
    case .tcc: checkTCC(branch, index, &violations)
    case .saga: checkSaga(branch, index, &violations)
    case .unspecified, .unrecognized:
      violations.add(
        .branch(index, "mode"),
        "is \(branch.mode.rawValue); write BRANCH_MODE_TCC or BRANCH_MODE_SAGA")
    }
    if let call = branch.phaseOne {
      passings[index, .phaseOne] = check(call, at: index, .phaseOne, &violations)
    }
    if let call = branch.confirm {
      passings[index, .confirm] = check(call, at: index, .confirm, &violations)
    }
    if let call = branch.undo {
      passings[index, .undo] = check(call, at: index, .undo, &violations)
    }
    if let retry = branch.retry { check(retry, at: index, &violations) }
  }

  private func checkPhaseOne(
    _ branch: CaravanV1.Branch, _ index: Int, _ violations: inout FieldViolations
  ) {
    switch (branch.phaseOne != nil, branch.calledByCaller) {
    case (true, false), (false, true): break
    case (false, false):
      violations.add(
        .branch(index, "phase_one"),
        "is missing; name the call, or set called_by_caller where the caller makes it")
    case (true, true):
      violations.add(
        .branch(index, "phase_one"),
        "stands beside called_by_caller; leave out the one that does not hold")
    }
    if branch.mustSucceed, branch.calledByCaller {
      violations.add(
        .branch(index, "must_succeed"),
        "stands beside called_by_caller; the coordinator calls a branch that must succeed itself")
    }
  }

  private func checkTCC(
    _ branch: CaravanV1.Branch, _ index: Int, _ violations: inout FieldViolations
  ) {
    if branch.confirm == nil {
      violations.add(.branch(index, "confirm"), "is missing; a TCC branch has a confirm")
    }
    if branch.undo == nil {
      violations.add(.branch(index, "undo"), "is missing; a TCC branch has a cancel")
    }
    if branch.mustSucceed {
      violations.add(
        .branch(index, "must_succeed"),
        "holds for Saga branches only; a TCC branch is confirmed until that succeeds anyway")
    }
  }

  private func checkSaga(
    _ branch: CaravanV1.Branch, _ index: Int, _ violations: inout FieldViolations
  ) {
    if branch.confirm != nil {
      violations.add(.branch(index, "confirm"), "is set; a Saga branch has no confirm")
    }
    switch (branch.undo != nil, branch.mustSucceed) {
    case (true, false), (false, true): break
    case (false, false):
      violations.add(
        .branch(index, "undo"),
        "is missing; name the compensation, or set must_succeed where there is none")
    case (true, true):
      violations.add(
        .branch(index, "undo"),
        "stands beside must_succeed; a branch that must succeed is never compensated")
    }
  }

  /// Rule 4 for a request that has all branches: those that must succeed stand above all others.
  func checkForwardRecovery(
    _ branches: [CaravanV1.Branch], _ violations: inout FieldViolations
  ) {
    let span = branches.span
    guard span.indices.contains(where: { span[$0].mustSucceed }),
      let highest = branches.lazy.filter({ !$0.mustSucceed }).map(\.level).max()
    else { return }
    for (index, branch) in branches.enumerated()
    where branch.mustSucceed && branch.level <= highest {
      violations.add(
        .branch(index, "level"),
        "is \(branch.level); a branch that must succeed stands above every branch that can be "
          + "undone: write at least \(highest + 1)")
    }
  }
}
