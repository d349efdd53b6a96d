import Messages
import ProtoWire

/// What easycar's clients may send, and the branches that their entries become.
struct EasyCarRules: Sendable {
  /// Characters of a transaction's id.
  static let idCharactersMax = 50

  let rules: RequestRules

  func checkID(_ gId: String, _ violations: inout FieldViolations) {
    let count = gId.unicodeScalars.count
    guard (1...Self.idCharactersMax).contains(count) else {
      return violations.add(
        .field("gId"),
        count == 0
          ? "is empty; write the id that Begin gave"
          : "has \(count) characters; an id has at most \(Self.idCharactersMax)")
    }
    rules.checkID(gId, .field("gId"), &violations)
  }

  /// The branches of a request; without meaning where there are violations.
  func branches(
    of request: EasyCar.RegisterReq, _ violations: inout FieldViolations
  ) -> [CaravanV1.Branch] {
    checkID(request.gId, &violations)
    if request.branches.isEmpty {
      violations.add(.field("branches"), "is empty; Register wants at least one branch")
    }
    let runs = EasyCarRunReader.runs(in: request.branches, &violations)
    if runs.count > rules.limits.branchesMax {
      violations.add(
        .field("branches"),
        "has \(runs.count) branches; a transaction has at most \(rules.limits.branchesMax)")
      return []
    }
    var seen: [String: Int] = [:]
    // Entries that belong to no whole run are checked all the same.
    var calls = request.branches.enumerated().map { index, entry in
      checkOpening(entry, index, &violations)
      return call(of: entry, index, &violations)
    }
    return runs.map { run in
      let id = branchID(of: run, in: request, &seen)
      let opening = request.branches[run.opening]
      return CaravanV1.Branch {
        $0.id = id
        $0.level = UInt32(max(opening.level, 0))
        $0.mode = run.mode
        if opening.timeout != 0 {
          let timeout = GoogleProtobuf.Duration(.seconds(Int64(opening.timeout)))
          $0.retry = CaravanV1.RetryPolicy { $0.attemptTimeout = timeout }
        }
        for index in [run.opening, run.confirm, run.undo].compactMap({ $0 }) {
          calls[index].metadata[EasyCarHeader.transaction] = request.gId
          calls[index].metadata[EasyCarHeader.branch] = id
        }
        $0.phaseOne = calls[run.opening]
        $0.confirm = run.confirm.map { calls[$0] }
        $0.undo = run.undo.map { calls[$0] }
      }
    }
  }

  // MARK: Branch ids

  /// Bytes of the digest that an id shows.
  private static let idDigestBytes = 12

  /// Made of the transaction, of all that the run says, and of how many equal ones stand before it
  /// in the request: a Register that is repeated names the same branches, and no other transaction
  /// has them.
  private func branchID(
    of run: EasyCarRun, in request: EasyCar.RegisterReq, _ seen: inout [String: Int]
  ) -> String {
    let places = [run.opening, run.confirm, run.undo].compactMap { $0 }
    let content = EasyCar.RegisterReq {
      $0.gId = request.gId
      $0.branches = places.map { request.branches[$0] }
    }
    var writer = WireWriter()
    content.encode(into: &writer)
    let digest = writer.withBytes { SHA256Digest(of: $0) }
    let id = digest.bytes.prefix(Self.idDigestBytes).map {
      ($0 < 16 ? "0" : "") + String($0, radix: 16)
    }.joined()
    let count = seen[id, default: 0] + 1
    seen[id] = count
    return count == 1 ? id : "\(id)-\(count)"
  }

  // MARK: Parts of an entry

  /// The entry that opens a branch says on which level it stands, and how long an attempt may take.
  private func checkOpening(
    _ entry: EasyCar.RegisterReq.Branch, _ index: Int, _ violations: inout FieldViolations
  ) {
    guard entry.action == .try || entry.action == .normal else { return }
    if entry.level < 1 || entry.level > rules.limits.levelMax {
      violations.add(
        .branch(index, "level"), "is \(entry.level); write 1 to \(rules.limits.levelMax)")
    }
    let timeoutMax = RequestRules.attemptTimeoutMax.components.seconds
    if entry.timeout < 0 || entry.timeout > timeoutMax {
      violations.add(
        .branch(index, "timeout"),
        "is \(entry.timeout); write seconds, 1 to \(timeoutMax), or 0 for the default")
    }
  }

  /// The call of an entry, checked as those of `caravan.v1` are, under the names that easycar has
  /// for its parts.
  private func call(
    of entry: EasyCar.RegisterReq.Branch, _ index: Int, _ violations: inout FieldViolations
  ) -> CaravanV1.Call {
    var call = CaravanV1.Call()
    call.payload = entry.reqData
    do {
      call.metadata = try EasyCarHeader.read(entry.reqHeader)
    } catch {
      violations.add(.branch(index, "reqHeader"), error.reason)
    }
    do {
      call.target = try EasyCarTarget.read(uri: entry.uri, protocolName: entry.protocolName)
    } catch {
      violations.add(.branch(index, error.field), error.reason)
      return call
    }
    // Whatever call the entry becomes, it is checked in the same way.
    let part = CallPart.phaseOne
    var found = FieldViolations()
    rules.check(call, at: index, part, &found)
    if !found.isEmpty {
      let path = FieldPath.call(index, part).description + "."
      violations.add(found) { Self.renamed($0, within: path, of: "branches[\(index)].") }
    }
    return call
  }

  /// `branches[3].phase_one.grpc.address` is `branches[3].uri`.
  private static func renamed(_ field: String, within call: String, of entry: String) -> String {
    let names = [
      "grpc.address": "uri", "grpc.method": "uri", "http.url": "uri", "payload": "reqData",
      "metadata": "reqHeader",
    ]
    guard field.hasPrefix(call) else { return field }
    let part = field.dropFirst(call.count)
    for (name, easycars) in names where part.hasPrefix(name) {
      return entry + easycars + part.dropFirst(name.count)
    }
    return field
  }
}
