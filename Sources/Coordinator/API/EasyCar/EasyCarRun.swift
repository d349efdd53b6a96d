import Messages

/// The entries of one branch, as places in a Register of easycar's: a TRY with its CONFIRM and
/// CANCEL, or a NORMAL with its COMPENSATION.
struct EasyCarRun: Equatable {
  /// The TRY or NORMAL.
  var opening: Int
  var mode: CaravanV1.BranchMode
  var confirm: Int?
  /// The CANCEL or COMPENSATION.
  var undo: Int?
}

/// Finds the runs in a row of entries, and all that is wrong with their order.
struct EasyCarRunReader {
  private let entries: [EasyCar.RegisterReq.Branch]
  private var runs: [EasyCarRun] = []
  private var open: EasyCarRun?
  /// An entry that nobody understands stands in the open run, and may be what is missing there.
  private var openIsUnclear = false

  private init(_ entries: [EasyCar.RegisterReq.Branch]) { self.entries = entries }

  /// The runs that are whole; where there are violations, as far as they can be told.
  static func runs(
    in entries: [EasyCar.RegisterReq.Branch], _ violations: inout FieldViolations
  ) -> [EasyCarRun] {
    var reader = EasyCarRunReader(entries)
    for index in entries.indices { reader.read(index, &violations) }
    reader.close(&violations)
    return reader.runs
  }

  private mutating func read(_ index: Int, _ violations: inout FieldViolations) {
    let entry = entries[index]
    checkType(entry, index, &violations)
    switch entry.action {
    case .try: begin(EasyCarRun(opening: index, mode: .tcc), &violations)
    case .normal: begin(EasyCarRun(opening: index, mode: .saga), &violations)
    case .confirm, .cancel, .compensation: follow(entry, index, &violations)
    case .unKnowTransactionType, .unrecognized:
      openIsUnclear = true
      violations.add(
        .branch(index, "action"),
        "is \(entry.action.rawValue); write TRY, CONFIRM, CANCEL, NORMAL or COMPENSATION (1 to 5)")
    }
  }

  private func checkType(
    _ entry: EasyCar.RegisterReq.Branch, _ index: Int, _ violations: inout FieldViolations
  ) {
    switch entry.tranType {
    case .tcc, .sage:
      guard let wanted = entry.action.tranType, wanted != entry.tranType else { return }
      violations.add(
        .branch(index, "tranType"),
        "is \(entry.tranType.name) beside the action \(entry.action.name); write \(wanted.name)")
    case .unKnow, .unrecognized:
      violations.add(
        .branch(index, "tranType"), "is \(entry.tranType.rawValue); write TCC (1) or SAGE (2)")
    }
  }

  private mutating func begin(_ run: EasyCarRun, _ violations: inout FieldViolations) {
    close(&violations)
    open = run
    openIsUnclear = false
  }

  /// An entry that belongs to the branch that is open.
  private mutating func follow(
    _ entry: EasyCar.RegisterReq.Branch, _ index: Int, _ violations: inout FieldViolations
  ) {
    let name = entry.action.name
    guard var run = open else {
      if openIsUnclear { return }
      return violations.add(
        .branch(index, "action"), "is \(name) and belongs to no branch; a TRY or NORMAL opens one")
    }
    guard entry.action.tranType == entries[run.opening].action.tranType else {
      return violations.add(
        .branch(index, "action"),
        "is \(name) in the branch that \(opener(run)); write \(run.sequence)")
    }
    if entry.action == .confirm {
      if run.confirm != nil {
        return addSecond(name, run, index, &violations)
      }
      if run.undo != nil {
        violations.add(
          .branch(index, "action"),
          "is CONFIRM after the CANCEL of its branch; write \(run.sequence) in this order")
      }
      run.confirm = index
    } else {
      if run.undo != nil {
        return addSecond(name, run, index, &violations)
      }
      run.undo = index
    }
    checkSame(entry, index, run, &violations)
    open = run
  }

  private func addSecond(
    _ name: String, _ run: EasyCarRun, _ index: Int, _ violations: inout FieldViolations
  ) {
    violations.add(
      .branch(index, "action"), "is a second \(name) of the branch that \(opener(run))")
  }

  /// What holds for a branch stands in each of its entries.
  private func checkSame(
    _ entry: EasyCar.RegisterReq.Branch, _ index: Int, _ run: EasyCarRun,
    _ violations: inout FieldViolations
  ) {
    let first = entries[run.opening]
    if entry.level != first.level {
      violations.add(
        .branch(index, "level"),
        "is \(entry.level) in the branch that \(opener(run)) on level \(first.level); "
          + "all entries of a branch have one level")
    }
    if entry.timeout != first.timeout {
      violations.add(
        .branch(index, "timeout"),
        "is \(entry.timeout) in the branch that \(opener(run)) with \(first.timeout); "
          + "all entries of a branch have one timeout")
    }
  }

  private mutating func close(_ violations: inout FieldViolations) {
    guard let run = open else { return }
    open = nil
    var missing: [String] = []
    if run.mode == .tcc, run.confirm == nil { missing.append("CONFIRM") }
    if run.undo == nil { missing.append(run.mode == .tcc ? "CANCEL" : "COMPENSATION") }
    if missing.isEmpty { return runs.append(run) }
    if openIsUnclear { return }
    violations.add(
      .branch(run.opening, "action"),
      "opens a branch without \(missing.joined(separator: " and ")); write \(run.sequence), "
        + "one after the other")
  }

  private func opener(_ run: EasyCarRun) -> String { "branches[\(run.opening)] opens" }
}

extension EasyCarRun {
  /// Its actions in their order, in words.
  fileprivate var sequence: String {
    mode == .tcc ? "TRY, CONFIRM, CANCEL" : "NORMAL, COMPENSATION"
  }
}

extension EasyCar.Action {
  /// The kind of branch that it stands in; nil: the action is not known.
  var tranType: EasyCar.TranType? {
    switch self {
    case .try, .confirm, .cancel: .tcc
    case .normal, .compensation: .sage
    case .unKnowTransactionType, .unrecognized: nil
    }
  }

  /// The name in the proto.
  var name: String {
    switch self {
    case .unKnowTransactionType: "UN_KNOW_TRANSACTION_TYPE"
    case .try: "TRY"
    case .confirm: "CONFIRM"
    case .cancel: "CANCEL"
    case .normal: "NORMAL"
    case .compensation: "COMPENSATION"
    case .unrecognized(let number): "\(number)"
    }
  }
}

extension EasyCar.TranType {
  /// The name in the proto.
  var name: String {
    switch self {
    case .unKnow: "UN_KNOW"
    case .tcc: "TCC"
    case .sage: "SAGE"
    case .unrecognized(let number): "\(number)"
    }
  }
}
