/// The methods of the service, as errors speak of them.
enum RequestKind {
  case begin, register, start, commit, rollback, execute, get, list, watch, getState

  /// The method's name.
  var name: String {
    switch self {
    case .begin: "Begin"
    case .register: "Register"
    case .start: "Start"
    case .commit: "Commit"
    case .rollback: "Rollback"
    case .execute: "Execute"
    case .get: "Get"
    case .list: "List"
    case .watch: "Watch"
    case .getState: "GetState"
    }
  }

  /// The states of a transaction in which it is accepted, in words.
  var accepted: String {
    switch self {
    case .register: "ACTIVE, or any state for branches that are registered already"
    case .start, .commit, .execute: "every state but ROLLING_BACK and ROLLED_BACK"
    case .rollback: "every state but COMMITTING and COMMITTED"
    case .begin, .get, .list, .watch, .getState: "every state"
    }
  }

  /// What a caller does who was not answered.
  var advice: String {
    switch self {
    case .begin, .register, .start, .commit, .rollback, .execute:
      "the outcome is not known, ask again with the same id"
    case .get, .list, .watch, .getState: "ask again"
    }
  }
}
