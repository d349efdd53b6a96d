import Mode

@testable import Store

/// Short names of the answers to writes; those that several kinds of writes have are not among
/// them.
extension Answer {
  static let inserted = Answer.insert(.inserted)
  static func exists(_ row: StoredTransaction) -> Answer { .insert(.exists(row)) }
  static func registered(branchCount: Int) -> Answer {
    .register(.registered(branchCount: branchCount))
  }
  static func taken(_ row: StoredTransaction) -> Answer { .take(.taken(row)) }
  static func untaken(_ row: StoredTransaction) -> Answer { .take(.untaken(row)) }
  static let applied = Answer.update(.applied)
  static func deposed(_ row: StoredTransaction?) -> Answer { .update(.deposed(row)) }
}
