import ArgumentParser

/// Prints docs/settings.md.
struct SettingsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "settings", abstract: "Print every setting with its default, as Markdown.")

  func run() {
    print(SettingsDocument.markdown, terminator: "")
  }
}
