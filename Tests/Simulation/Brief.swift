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
    case .insert(.exists(let row)): "exists \(row.brief)"
    case .take(.taken(let row)): "taken \(row.brief)"
    case .take(.untaken(let row)): "untaken \(row.brief)"
    case .update(.deposed(let row)): "deposed \(row?.brief ?? "")"
    case .get(.found(let row)): "found \(row.brief)"
    case .list(.page(let rows)), .completion(.claimed(let rows)): "page \(rows.map(\.brief))"
    case .sweep(.page(let rows)): "page \(rows.map(\.row.brief))"
    case .insert(let answer): "\(answer)"
    case .register(let answer): "\(answer)"
    case .take(let answer): "\(answer)"
    case .update(let answer): "\(answer)"
    case .get(let answer): "\(answer)"
    case .list(let answer): "\(answer)"
    case .sweep(let answer): "\(answer)"
    case .completion(let answer): "\(answer)"
    case .lease(let answer): "\(answer)"
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
    case .sweep(.takeOver): "take over"
    case .sweep(.due): "due"
    case .sweep(.expire): "expire"
    case .sweep(.removeFinished): "remove"
    case .sweep(.declareDead): "declare dead"
    case .completion(.claim): "claim completions"
    case .completion(.settle(let report)): "settle completion \(report.id)"
    case .lease(.join): "join"
    case .lease(.renew): "renew"
    case .lease(.leave): "leave"
    }
  }

  /// Nil where nothing came of it.
  func brief(_ answer: Answer) -> String? {
    if case .lease(.renew) = self, case .lease(.held) = answer { return nil }
    switch answer {
    case .sweep(.count(0)), .completion(.overtaken): return nil
    case .sweep(.page(let rows)) where rows.isEmpty: return nil
    default: return "\(kind) → \(answer.brief)"
    }
  }
}
