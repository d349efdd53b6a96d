/// What a timeline shows: the calls of a transaction over time. Times are milliseconds from the
/// moment the caller asked to commit.
struct Timeline: Equatable, Sendable {
  /// One call of a branch.
  struct Bar: Equatable, Sendable {
    enum Look: Equatable, Sendable {
      /// Phase one, done.
      case done
      /// Confirm, done.
      case confirmed
      /// Cancel or compensation, done.
      case undone
      case refused
      case failed
      /// The call never arrived: a moment, not a length.
      case unreached
    }
    var from: Double
    var to: Double
    var look: Look
    /// `try`, `confirm`, …
    var action: String
  }

  /// One branch.
  struct Row: Equatable, Sendable {
    var level: UInt32
    var name: String
    var mode: String
    var bars: [Bar]
  }

  /// The moment of the decision.
  struct Decision: Equatable, Sendable {
    var at: Double
    var isCommit: Bool
  }

  var id: String
  var story: String
  /// How it ended, in a word or two.
  var end: String
  /// Why it ended so, where that needs saying.
  var reason: String?
  var decision: Decision?
  /// When the caller had the answer.
  var length: Double
  var rows: [Row]
}
