import Mode

@testable import Store

// What a trace says of writes and answers: one line, no payloads.

extension Write {
  var brief: String {
    switch self {
    case .insert(let new): "insert \(new.id) \(new.point.state)"
    case .register(let id, let branches, _): "register \(id) \(branches.map(\.id))"
    case .take(let take): "take \(take.id) to \(take.verb) for \(take.owner)"
    case .update(let update):
      "update \(update.id) \(update.from) → \(update.point.brief), fence \(update.fence)"
    }
  }
}

extension PointRecord {
  var brief: String {
    var text = "\(state)"
    if let due { text += ", due \(due.milliseconds)" }
    for (index, outcome) in outcomes.enumerated() {
      text += ", \(index): \(outcome.phaseOne)/\(outcome.phaseTwo)"
      if let until = outcome.landsUntil { text += " lands until \(until.milliseconds)" }
    }
    return text
  }
}

extension Answer {
  var brief: String {
    switch self {
    case .conflict(let row): "conflict with \(row.brief)"
    case .taken(let row): "taken \(row.brief)"
    case .untaken(let row): "untaken \(row.brief)"
    case .deposed(let row): "deposed \(row?.brief ?? "")"
    case .found(let row): "found \(row.brief)"
    case .page(let rows, _): "page \(rows.map(\.brief))"
    case .applied, .registered, .notActive, .branchConflict, .tooManyBranches, .branchesTooLarge,
      .deadlinePassed,
      .absent, .swept, .joined, .renewed, .dead, .failed:
      "\(self)"
    }
  }
}

extension StoredTransaction {
  var brief: String { "\(id) \(point.brief), owner \(owner ?? 0), fence \(fence)" }
}

extension Query {
  /// Which sweep, or the id that is read.
  var kind: String {
    switch self {
    case .get(let id): "get \(id)"
    case .list: "list"
    case .takeOver: "take over"
    case .due: "due"
    case .expire: "expire"
    case .removeFinished: "remove"
    case .claimCompletions: "claim completions"
    case .settleCompletion(let report): "settle completion \(report.id)"
    case .join: "join"
    case .renew: "renew"
    case .declareDead: "declare dead"
    case .leave: "leave"
    }
  }

  /// Nil where nothing came of it.
  func brief(_ answer: Answer) -> String? {
    switch answer {
    case .swept(0), .renewed: return nil
    case .page(let rows, _) where rows.isEmpty: return nil
    default: return "\(kind) → \(answer.brief)"
    }
  }
}
