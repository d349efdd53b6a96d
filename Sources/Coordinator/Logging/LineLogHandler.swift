import Logging

/// Writes each log event as one line, for people or as JSON, to standard error or a file.
struct LineLogHandler: LogHandler {
  var metadata: Logger.Metadata = [:]
  var logLevel: Logger.Level
  var metadataProvider: Logger.MetadataProvider?
  private let format: LogFormat
  private let output: FileDescriptorOutput

  init(level: Logger.Level, format: LogFormat, output: FileDescriptorOutput) {
    logLevel = level
    self.format = format
    self.output = output
  }

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  func log(event: LogEvent) {
    var all = metadata
    if let provided = metadataProvider?.get() { all.merge(provided) { $1 } }
    if let given = event.metadata { all.merge(given) { $1 } }
    if let error = event.error { all["error"] = "\(error)" }
    let line = LogLine(
      time: LogTime.now(), level: event.level, message: event.message.description, metadata: all)
    output.write(line.text(format) + "\n")
  }
}
