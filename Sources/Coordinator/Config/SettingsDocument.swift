/// docs/settings.md, written from the table.
enum SettingsDocument {
  static var markdown: String {
    var text = """
      # Settings

      Set each setting by flag, environment variable or settings file (`--config FILE` or
      `CARAVAN_CONFIG`). A flag overrides a variable, a variable overrides the file, and the file
      overrides the default. Unknown names and values that are not accepted are errors: Caravan
      names them and exits with status 2.

      A settings file is JSON. Write keys with dots, or nest them:

      ```json
      {
        "database": "postgresql://caravan@localhost/caravan",
        "phase-one": { "attempts": 5, "delay": "50ms" },
        "participants.allow": ["*.shop.example.com:443", "10.0.0.0/8"]
      }
      ```

      A duration is a whole number with `ms`, `s`, `m`, `h` or `d`. A size is a whole number with
      `B`, `KiB`, `MiB` or `GiB`.

      `caravan settings` prints this page. Its source is
      `Sources/Coordinator/Config/SettingTable.swift`.

      """
    for section in Setting.Section.allCases {
      text += "\n## \(section.rawValue)\n"
      for setting in SettingTable.all where setting.section == section {
        text += entry(setting)
      }
    }
    return text
  }

  private static func entry(_ setting: Setting) -> String {
    let fallback = setting.defaultText.isEmpty ? "none" : "`\(setting.defaultText)`"
    let flag = setting.isSwitch ? "--\(setting.flag)" : "--\(setting.flag) \(setting.noun)"
    let accepted =
      setting.isSwitch
      ? "the flag without a value; \(setting.accepted) elsewhere" : setting.accepted
    return """

      ### `\(setting.key)`

      \(setting.help).

      | Flag | Variable | Default | Accepted |
      |---|---|---|---|
      | `\(flag)` | `\(setting.environment)` | \(fallback) | \(cell(accepted)) |

      """
  }

  private static func cell(_ text: String) -> String { text.replacing("|", with: "\\|") }
}
