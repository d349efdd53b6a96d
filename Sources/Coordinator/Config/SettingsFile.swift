import Configuration
import ProtoJSON

/// A settings file: JSON, the keys nested at their dots or written out with them.
///
///     { "listen": "0.0.0.0:7070", "phase-one": { "attempts": 5 }, "log.level": "debug" }
///
/// Values are texts as on the command line; numbers, true and false, and lists of texts are also
/// read where they fit.
struct SettingsFile: FileConfigSnapshot {
  struct ParsingOptions: FileParsingOptions {
    static let `default` = ParsingOptions()
  }

  /// The file holds no settings at all.
  enum NotSettings: Error, CustomStringConvertible {
    case notJSON(String)
    case notAnObject

    var description: String {
      switch self {
      case .notJSON(let reason): "not JSON: \(reason)"
      case .notAnObject: "expected a JSON object, such as {\"listen\": \"127.0.0.1:7070\"}"
      }
    }
  }

  let providerName: String
  private var values: [String: String] = [:]
  private var unknown: [String] = []
  private var twice: [String] = []
  private var unreadable: [String] = []

  init(data: RawSpan, providerName: String, parsingOptions: ParsingOptions) throws {
    self.providerName = providerName
    let json: JSONValue
    do {
      json = try JSONValue(parsing: data.withUnsafeBytes { Array($0) })
    } catch {
      throw NotSettings.notJSON("\(error)")
    }
    guard case .object(let object) = json else { throw NotSettings.notAnObject }
    read(object, under: "")
  }

  private mutating func read(_ object: [JSONValue.Member], under prefix: String) {
    for member in object {
      let key = prefix + member.name
      let value = member.value
      if SettingTable.byKey[key] != nil {
        if values[key] != nil { twice.append(key) }
        values[key] = value.commandLineText
        if value.commandLineText == nil { unreadable.append(key) }
      } else if case .object(let inner) = value {
        read(inner, under: key + ".")
      } else {
        unknown.append(key)
      }
    }
  }

  /// What is wrong with the file's keys.
  func problems(in file: String) -> [String] {
    let known = SettingTable.all.map(\.key)
    return unknown.sorted().map {
      "\($0) in \(file): no such setting" + didYouMean($0, among: known)
    }
      + twice.sorted().map { "\($0) in \(file): written twice, nested and with dots" }
      + unreadable.sorted().map {
        "\($0) in \(file): write \(SettingTable.byKey[$0]?.accepted ?? "a text")"
      }
  }

  func value(forKey key: AbsoluteConfigKey, type: ConfigType) throws -> LookupResult {
    let name = key.components.joined(separator: ".")
    return LookupResult(
      encodedKey: name, value: values[name].map { ConfigValue(.string($0), isSecret: false) })
  }

  var description: String { "\(providerName)[\(values.count) settings]" }
  var debugDescription: String { description }
}

extension JSONValue {
  /// The value as it would be written on a command line; nil where it could not be.
  fileprivate var commandLineText: String? {
    switch self {
    case .string(let text): return text
    case .bool(let bool): return bool ? "true" : "false"
    case .number(let number): return number
    case .array(let values):
      let texts = values.compactMap { value in
        if case .string(let text) = value { text } else { nil }
      }
      return texts.count == values.count ? texts.joined(separator: ",") : nil
    case .object, .null: return nil
    }
  }
}
