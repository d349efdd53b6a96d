/// One row of the table of settings.
struct Setting: Sendable {
  /// A heading that gathers rows in `--help` and in the documentation.
  enum Section: String, Sendable, CaseIterable {
    case connections = "Connections"
    case transactions = "Transactions"
    case defaults = "Defaults of a transaction"
    case limits = "Limits"
    case participants = "Participants"
    case operation = "Operation"
  }

  /// The name in a settings file: words with dashes, parts with dots.
  let key: String
  let section: Section
  /// What it does, in a sentence without its full stop.
  let help: String
  /// The kind of value in a word.
  let noun: String
  /// What is accepted, as the end of "write …".
  let accepted: String
  /// The default as it would be written; empty where there is none.
  let defaultText: String
  /// Names the environment variable where it is not made from the key.
  let environmentOverride: String?
  /// Whether the value may hold a password and is never shown.
  let isSecret: Bool
  /// Whether the flag stands alone on the command line, without a value.
  let isSwitch: Bool
  let assignDefault: @Sendable (inout Settings) -> Void
  /// Reads a value into the settings; false where it is not accepted.
  let assign: @Sendable (String, inout Settings) -> Bool

  init<Value: Sendable & Equatable>(
    _ key: String, _ section: Section, _ form: ValueForm<Value>, default value: Value,
    _ property: any WritableKeyPath<Settings, Value> & Sendable, environment: String? = nil,
    isSecret: Bool = false, _ help: String
  ) {
    self.key = key
    self.section = section
    self.help = help
    noun = form.noun
    accepted = form.accepted
    defaultText = form.write(value)
    environmentOverride = environment
    self.isSecret = isSecret
    isSwitch = Value.self == Bool.self
    assignDefault = { $0[keyPath: property] = value }
    assign = { text, settings in
      guard let value = form.read(text) else { return false }
      settings[keyPath: property] = value
      return true
    }
  }

  /// The flag without its two dashes.
  var flag: String { key.replacing(".", with: "-") }

  /// The environment variable.
  var environment: String {
    environmentOverride
      ?? "CARAVAN_" + key.uppercased().replacing(".", with: "_").replacing("-", with: "_")
  }
}
