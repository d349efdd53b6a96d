/// docs/settings.md, written from the table.
enum SettingsDocument {
  static var markdown: String {
    var text = """
      # Settings

      Each setting can be given as a flag, as an environment variable or in a settings file
      (`--config FILE` or `CARAVAN_CONFIG`). A flag wins over a variable, a variable over the
      file, the file over the default. A name that is not in these tables and a value that is not
      accepted are errors: Caravan says which and exits 2.

      A settings file is JSON; keys are nested at their dots, or written out:

      ```json
      {
        "database": "postgresql://caravan@localhost/caravan",
        "phase-one": { "attempts": 5, "delay": "50ms" },
        "participants.allow": ["*.shop.example.com:443", "10.0.0.0/8"]
      }
      ```

      Durations are a whole number with `ms`, `s`, `m`, `h` or `d`; sizes a whole number with `B`,
      `KiB`, `MiB` or `GiB`.

      This page is written from the table in `Sources/Coordinator/Config/SettingTable.swift`;
      `caravan settings` prints it.

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
    return """

      ### `\(setting.key)`

      \(setting.help).

      | Flag | Variable | Default | Accepted |
      |---|---|---|---|
      | `\(flag)` | `\(setting.environment)` | \(fallback) | \(cell(setting.accepted)) |

      """
  }

  private static func cell(_ text: String) -> String { text.replacing("|", with: "\\|") }
}
