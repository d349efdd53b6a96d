import Foundation
import Logging

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
