import Foundation
import Glibc
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

/// A place that takes whole lines: each is one write, so that lines of several threads do not mix.
final class FileDescriptorOutput: Sendable {
  static let standardError = FileDescriptorOutput(descriptor: STDERR_FILENO)

  private let descriptor: Int32

  init(descriptor: Int32) { self.descriptor = descriptor }

  /// What cannot be written is lost: a log that fails is no reason to stop serving.
  func write(_ line: String) {
    var line = line
    line.withUTF8 { bytes in
      var rest = bytes[...]
      while !rest.isEmpty {
        let slice = UnsafeBufferPointer(rebasing: rest)
        let written = Glibc.write(descriptor, slice.baseAddress, slice.count)
        if written < 0 && errno == EINTR { continue }
        guard written > 0 else { return }
        rest = rest.dropFirst(written)
      }
    }
  }
}

/// A log event, ready to be written.
struct LogLine: Sendable, Equatable {
  let time: String
  let level: Logger.Level
  let message: String
  let metadata: Logger.Metadata

  func text(_ format: LogFormat) -> String {
    switch format {
    case .text: forPeople
    case .json: json
    }
  }

  /// `2026-01-31T12:00:00.000Z info    listening address=127.0.0.1:7070`
  private var forPeople: String {
    let word = level.rawValue.padding(toLength: 8, withPad: " ", startingAt: 0)
    let pairs = metadata.sorted { $0.key < $1.key }.map { key, value in
      " \(key)=\(Self.quotedWhereNeeded("\(value)"))"
    }
    return "\(time) \(word) \(Self.oneLine(message))\(pairs.joined())"
  }

  /// One object; the metadata stands beside the message, under names of its own where they collide.
  private var json: String {
    var fields = [("time", time), ("level", level.rawValue), ("message", message)]
      .map { "\(JSONText.quoted($0)):\(JSONText.quoted($1))" }
    for (key, value) in metadata.sorted(by: { $0.key < $1.key }) {
      let name = ["time", "level", "message"].contains(key) ? key + "_" : key
      fields.append("\(JSONText.quoted(name)):\(JSONText.value(value))")
    }
    return "{" + fields.joined(separator: ",") + "}"
  }

  private static func quotedWhereNeeded(_ text: String) -> String {
    let isPlain = !text.isEmpty && text.utf8.allSatisfy { $0 > 0x20 && $0 != 0x22 && $0 != 0x7F }
    return isPlain ? text : JSONText.quoted(text)
  }

  /// A message with a line break or an escape sequence of somebody else's making stays one line and
  /// harmless.
  private static func oneLine(_ text: String) -> String {
    text.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F }
      ? text : String(JSONText.quoted(text).dropFirst().dropLast())
  }
}

/// The present time in UTC, as ISO 8601 with milliseconds.
enum LogTime {
  static func now() -> String {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    var parts = tm()
    gmtime_r(&time.tv_sec, &parts)
    func padded(_ number: some BinaryInteger, _ width: Int) -> String {
      let digits = String(number)
      return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
    let date = "\(parts.tm_year + 1900)-\(padded(parts.tm_mon + 1, 2))-\(padded(parts.tm_mday, 2))"
    let clock = [parts.tm_hour, parts.tm_min, parts.tm_sec].map { padded($0, 2) }
    return "\(date)T\(clock.joined(separator: ":")).\(padded(time.tv_nsec / 1_000_000, 3))Z"
  }
}

/// Text as JSON.
enum JSONText {
  static func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\t": result += "\\t"
      case "\r": result += "\\r"
      case _ where scalar.value < 0x20 || scalar.value == 0x7F:
        let hex = String(scalar.value, radix: 16)
        result += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }

  static func value(_ value: Logger.MetadataValue) -> String {
    switch value {
    case .string(let text): quoted(text)
    case .stringConvertible(let convertible): quoted("\(convertible)")
    case .array(let values): "[" + values.map { self.value($0) }.joined(separator: ",") + "]"
    case .dictionary(let values):
      "{"
        + values.sorted { $0.key < $1.key }.map { "\(quoted($0.key)):\(self.value($0.value))" }
        .joined(separator: ",") + "}"
    }
  }
}

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
