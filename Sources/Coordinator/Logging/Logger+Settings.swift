import Logging

extension Logger {
  /// A logger as the settings want it.
  init(_ settings: Settings, output: FileDescriptorOutput = .standardError) {
    let level = Level(rawValue: settings.logLevel.rawValue) ?? .info
    let format = settings.logFormat
    self.init(label: "caravan") { _ in
      LineLogHandler(level: level, format: format, output: output)
    }
  }
}
