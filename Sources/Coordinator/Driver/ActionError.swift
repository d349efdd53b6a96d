import Mode

/// What went wrong with a call of a branch, as it is kept and shown: `try: UNAVAILABLE: gone`.
struct ActionError: Equatable {
  private static let separator = ": "

  var action: Action
  /// What the participant, or the way to it, said.
  var words: String

  init(_ action: Action, _ words: String) {
    self.action = action
    self.words = words
  }

  /// Reads what `text` wrote, also where a column has cut off its end; nil: it names no action.
  init?(_ text: String) {
    let action = Action.allCases.first { text.hasPrefix($0.name + Self.separator) }
    guard let action else { return nil }
    self.init(action, String(text.dropFirst((action.name + Self.separator).count)))
  }

  var text: String { action.name + Self.separator + words }
}
