import Messages

/// The checks of what calls take from earlier replies.
extension RequestRules {
  /// Copies of one call.
  static let copiesMax = 100
  /// References to replies in one call.
  static let referencesMax = 100
  /// Field numbers of one path.
  static let copyPathMax = 32
  private static let fieldNumberMax: UInt32 = 536_870_911

  /// What a call takes from replies, checked as far as it can be without the other branches.
  func checkPassing(
    _ call: CaravanV1.Call, at index: Int?, _ part: CallPart,
    _ violations: inout FieldViolations
  ) -> Passing? {
    if case .http = call.target, !call.copy.isEmpty {
      violations.add(
        .call(index, part, "copy"),
        "is for gRPC calls; in an HTTP call set http.template, and write ${branch.<id>.reply.json:…}"
      )
    }
    checkCopies(call, index, part, &violations)
    do {
      let passing = try Passing(call)
      if case .template(let template)? = passing {
        let count = template.references.count
        if count > Self.referencesMax {
          violations.add(
            .call(index, part),
            "has \(count) references to replies; at most \(Self.referencesMax)")
        }
      }
      return passing
    } catch {
      if let header = error.header {
        violations.add(
          .call(index, part, "metadata").within("[\(Quotation.of(header))]"),
          error.text)
      } else {
        violations.add(.call(index, part, "payload"), error.text)
      }
      return nil
    }
  }

  private func checkCopies(
    _ call: CaravanV1.Call, _ index: Int?, _ part: CallPart, _ violations: inout FieldViolations
  ) {
    if call.copy.count > Self.copiesMax {
      violations.add(
        .call(index, part, "copy"), "has \(call.copy.count) copies; at most \(Self.copiesMax)")
    }
    for (place, copy) in call.copy.enumerated() {
      checkPath(copy.fromPath, index, part, place, "from_path", &violations)
      checkPath(copy.toPath, index, part, place, "to_path", &violations)
      if copy.toPath.isEmpty {
        violations.add(
          .call(index, part, "copy").within("[\(place)].to_path"),
          "is empty; write the numbers from the request down to the field that is set")
      }
    }
  }

  private func checkPath(
    _ path: [UInt32], _ index: Int?, _ part: CallPart, _ place: Int, _ name: String,
    _ violations: inout FieldViolations
  ) {
    let isLegal = path.allSatisfy { 1...Self.fieldNumberMax ~= $0 }
    if isLegal, path.count <= Self.copyPathMax { return }
    violations.add(
      .call(index, part, "copy").within("[\(place)].\(name)"),
      "is no path; write at most \(Self.copyPathMax) field numbers, 1 to \(Self.fieldNumberMax)")
  }

  /// Branches of the request whose replies it does not hold itself.
  func sourcesElsewhere(_ branches: [CaravanV1.Branch], _ passings: CallPassings) -> Bool {
    if passings.isEmpty { return false }
    let here = Set(branches.map(\.id))
    return passings.uses.contains { !here.contains($0.branch) }
  }

  /// Who gives the replies: a branch on a lower level that Caravan calls in phase one, over the
  /// protocol that the reference is made for; or, in a confirm or an undo, the branch itself.
  ///
  /// - Parameters:
  ///   - passings: what the branches' calls take
  ///   - known: branches that were registered before
  ///   - isWhole: there are no others; else what is neither here nor known is left to a later check
  func checkSources(
    _ branches: [CaravanV1.Branch], _ passings: CallPassings, known: [CaravanV1.Branch] = [],
    isWhole: Bool, _ violations: inout FieldViolations
  ) {
    if passings.isEmpty { return }
    var byID: [String: CaravanV1.Branch] = [:]
    for branch in known + branches { byID[branch.id] = branch }
    for (index, branch) in branches.enumerated() {
      for (part, call) in branch.namedCalls {
        for use in passings[index, part]?.uses ?? [] {
          guard let problem = Self.problem(use, of: branch, part, call, byID, isWhole) else {
            continue
          }
          let path = FieldPath.call(index, part)
          violations.add(
            call.copy.isEmpty ? path : .call(index, part, "copy"),
            "uses the reply of \(Quotation.of(use.branch)), \(problem)")
        }
      }
    }
  }

  private static func problem(
    _ use: Passing.Use, of branch: CaravanV1.Branch, _ part: CallPart, _ call: CaravanV1.Call,
    _ byID: [String: CaravanV1.Branch], _ isWhole: Bool
  ) -> String? {
    let isOwn = use.branch == branch.id
    let isUndo = part == .undo
    if isOwn, part == .phaseOne {
      return "which is the call's own; only a confirm or an undo can use that"
    }
    if isOwn, isUndo, !use.hasFallback {
      return
        "its own, which may be unknown by then; say what to send then: or_payload, or |fallback"
    }
    if isUndo, branch.calledByCaller {
      return "whose phase one may not have run: the caller calls \(Quotation.of(branch.id)) "
        + "itself, and may roll back before Commit"
    }
    if use.hasFallback, !(isOwn && isUndo) {
      return "which is known by then; or_payload and |fallback are for an undo that uses its own"
    }
    guard let source = byID[use.branch] else {
      return isWhole ? "and there is no such branch in the transaction" : nil
    }
    if source.calledByCaller {
      return "whose phase one the caller calls, so its reply is not known"
    }
    if source.mustSucceed { return "which runs after the decision" }
    if !isOwn, source.level >= branch.level {
      return "which stands on level \(source.level); a source stands below level \(branch.level)"
    }
    switch (source.phaseOne?.target, call.target) {
    case (.grpc, .grpc), (.http, .http), (nil, _), (_, nil): return nil
    case (.grpc, .http):
      return "whose reply is protobuf; a template takes from JSON replies of HTTP"
    case (.http, .grpc): return "which is called over HTTP; a copy takes from gRPC replies"
    }
  }
}

extension CaravanV1.Branch {
  /// Its calls, by their names.
  var namedCalls: [(part: CallPart, call: CaravanV1.Call)] {
    var calls: [(CallPart, CaravanV1.Call)] = []
    if let phaseOne { calls.append((.phaseOne, phaseOne)) }
    if let confirm { calls.append((.confirm, confirm)) }
    if let undo { calls.append((.undo, undo)) }
    return calls
  }
}
