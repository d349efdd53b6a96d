import ArgumentParser
import Foundation
import Testing

@testable import Coordinator

@Suite struct SettingTableTests {
  @Test func docsSettingsIsWhatTheTableSays() throws {
    let page = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appending(path: "../../../docs/settings.md")
    let written = try String(contentsOf: page, encoding: .utf8)
    #expect(
      written == SettingsDocument.markdown,
      "docs/settings.md is stale: write it anew with `caravan settings > docs/settings.md`")
  }

  @Test(arguments: SettingTable.all)
  func everyDefaultIsAcceptedByItsOwnForm(setting: Setting) {
    guard !setting.defaultText.isEmpty else { return }
    var settings = Settings()
    #expect(setting.assign(setting.defaultText, &settings))
    #expect(settings == Settings())
  }

  @Test func everySettingHasAPropertyOfItsOwn() throws {
    let changes = try SettingTable.all.map { setting in
      var settings = Settings()
      let changed = Self.samples.contains {
        settings = Settings()
        return setting.assign($0, &settings) && settings != Settings()
      }
      try #require(changed, "no sample changes \(setting.key)")
      return settings
    }
    for (index, change) in changes.enumerated() {
      #expect(!changes[..<index].contains(change))
    }
  }

  /// Values of every form, none of them a default.
  private static let samples = [
    "postgresql://a/b", "37s", "127.0.0.1:1", "47", "37%", "3.5", "65KiB", "70B", "*",
    "debug", "json", "true", "9000000B",
    "slack:https://hooks.slack.com/services/T/B/X",
  ]

  @Test func flagsAndVariablesAndKeysNameOneSettingEach() {
    let all = SettingTable.all
    #expect(Set(all.map(\.flag)).count == all.count)
    #expect(Set(all.map(\.environment)).count == all.count)
    for setting in all {
      #expect(setting.key.wholeMatch(of: /[a-z]+(-[a-z]+)*(\.[a-z]+(-[a-z]+)*)*/) != nil)
      #expect(!setting.help.hasSuffix("."))
      // A key that is a prefix of another could not be nested in a file.
      #expect(!all.contains { $0.key.hasPrefix(setting.key + ".") })
    }
  }

  @Test func everySettingIsAFlag() throws {
    for setting in SettingTable.all {
      let written =
        setting.isSwitch ? ["--\(setting.flag)"] : ["--\(setting.flag)", "some text"]
      let flags = try SettingsOptions.parse(written).flags
      #expect(flags == [setting.key: setting.isSwitch ? "true" : "some text"])
    }
    #expect(try SettingsOptions.parse([]).flags.isEmpty)
  }

  @Test func helpShowsEverySettingWithItsDefault() {
    let help = SettingsOptions.helpMessage(columns: 500)
    for setting in SettingTable.all {
      #expect(help.contains("--\(setting.flag)"))
      #expect(help.contains(setting.help))
      if !setting.defaultText.isEmpty, !setting.isSwitch {
        #expect(help.contains("\(setting.help). (default: \(setting.defaultText))"))
      }
    }
    for section in Setting.Section.allCases {
      #expect(help.contains(section.rawValue.uppercased()))
    }
  }

  @Test func aRepeatedFlagCollectsAList() throws {
    let flags = try SettingsOptions.parse([
      "--participants-allow", "a.example.com", "--participants-allow=b.example.com",
    ]).flags
    #expect(flags["participants.allow"] == "a.example.com,b.example.com")
  }

  @Test func anUnknownFlagIsAnErrorWithAHint() {
    #expect {
      try SettingsOptions.parse(["--deadlin", "1s"])
    } throws: { error in
      SettingsOptions.fullMessage(for: error).contains("--deadline")
    }
  }
}
