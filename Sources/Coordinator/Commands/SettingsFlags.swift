import ArgumentParser

/// Names a section of the table at compile time, so that `--help` shows the section as a group.
protocol SettingsSection {
  static var section: Setting.Section { get }
}

enum ConnectionSettings: SettingsSection { static let section = Setting.Section.connections }
enum TransactionSettings: SettingsSection { static let section = Setting.Section.transactions }
enum DefaultSettings: SettingsSection { static let section = Setting.Section.defaults }
enum LimitSettings: SettingsSection { static let section = Setting.Section.limits }
enum ParticipantSettings: SettingsSection { static let section = Setting.Section.participants }
enum OperationSettings: SettingsSection { static let section = Setting.Section.operation }

/// The flags of one section, made from the table of settings.
///
/// swift-argument-parser finds the flags of a type by reflection and fills them by decoding. Both
/// are open to a type that says for itself what it is made of, which is how a table rather than a
/// list of properties declares these.
struct SettingsFlags<Group: SettingsSection>: ParsableArguments, CustomReflectable {
  /// What the command line says, by key.
  private(set) var values: [String: String] = [:]

  private static var settings: [Setting] {
    SettingTable.all.filter { $0.section == Group.section }
  }

  init() {}

  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: FlagName.self)
    for setting in Self.settings {
      let name = FlagName(stringValue: setting.flag)
      if setting.isSwitch {
        if try container.decode(Flag<Bool>.self, forKey: name).wrappedValue {
          values[setting.key] = "true"
        }
      } else {
        // A flag that may be written several times collects into a list.
        let texts = try container.decode(Option<[String]>.self, forKey: name).wrappedValue
        if !texts.isEmpty { values[setting.key] = texts.joined(separator: ",") }
      }
    }
  }

  var customMirror: Mirror {
    let flags = Self.settings.map { setting -> (label: String?, value: Any) in
      let name = NameSpecification.customLong(setting.flag)
      let help = ArgumentHelp(
        stringLiteral: setting.defaultText.isEmpty || setting.isSwitch
          ? "\(setting.help)." : "\(setting.help). (default: \(setting.defaultText))")
      if setting.isSwitch {
        return (setting.flag, Flag<Bool>(wrappedValue: false, name: name, help: help))
      }
      let named = ArgumentHelp(help.abstract, valueName: setting.noun)
      return (
        setting.flag,
        Option<[String]>(wrappedValue: [], name: name, parsing: .singleValue, help: named)
      )
    }
    return Mirror(self, children: flags)
  }
}

/// A flag by its name, as a coding key.
private struct FlagName: CodingKey {
  let stringValue: String
  var intValue: Int? { nil }

  init(stringValue: String) { self.stringValue = stringValue }
  init?(intValue: Int) { nil }
}

/// All settings as flags, and `--config`.
struct SettingsOptions: ParsableArguments {
  @Option(
    help: "A settings file (JSON); flags and environment variables win over it.",
    completion: .file(extensions: ["json"]))
  var config: String?

  @OptionGroup(title: Setting.Section.connections.rawValue)
  var connections: SettingsFlags<ConnectionSettings>
  @OptionGroup(title: Setting.Section.transactions.rawValue)
  var transactions: SettingsFlags<TransactionSettings>
  @OptionGroup(title: Setting.Section.defaults.rawValue)
  var defaults: SettingsFlags<DefaultSettings>
  @OptionGroup(title: Setting.Section.limits.rawValue)
  var limits: SettingsFlags<LimitSettings>
  @OptionGroup(title: Setting.Section.participants.rawValue)
  var participants: SettingsFlags<ParticipantSettings>
  @OptionGroup(title: Setting.Section.operation.rawValue)
  var operation: SettingsFlags<OperationSettings>

  /// What the command line says, by key.
  var flags: [String: String] {
    [
      connections.values, transactions.values, defaults.values, limits.values,
      participants.values, operation.values,
    ].reduce(into: [:]) { $0.merge($1) { _, later in later } }
  }
}
