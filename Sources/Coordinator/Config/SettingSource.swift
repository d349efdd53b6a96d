import Configuration
import SystemPackage

/// Where a setting's value may come from, strongest first.
enum SettingSource: Int, CaseIterable, Sendable {
  case flag, environment, file

  /// The name that a setting bears there.
  func name(of setting: Setting) -> String {
    switch self {
    case .flag: "--" + setting.flag
    case .environment: setting.environment
    case .file: setting.key
    }
  }

  /// The name as swift-configuration's provider for this source looks it up.
  fileprivate func lookupKey(of setting: Setting) -> AbsoluteConfigKey {
    AbsoluteConfigKey([name(of: setting)])
  }
}

/// The three sources of settings, read but not yet judged.
struct SettingLayers: Sendable {
  private let providers: [(SettingSource, any ConfigProvider)]
  private let file: String?
  /// Names that mean nothing, and a file that cannot be read.
  let problems: [String]

  /// - Parameters:
  ///   - flags: What the command line says, by key.
  ///   - environment: The environment; what does not begin with `CARAVAN_` is not looked at.
  ///   - file: The path of a settings file.
  init(flags: [String: String], environment: [String: String], file: String?) async {
    var problems: [String] = []
    self.file = file
    let flagValues = flags.map { key, text in
      (
        AbsoluteConfigKey(["--" + key.replacing(".", with: "-")]),
        ConfigValue(.string(text), isSecret: false)
      )
    }
    var providers: [(SettingSource, any ConfigProvider)] = [
      (
        .flag,
        InMemoryProvider(
          name: "flags", values: Dictionary(uniqueKeysWithValues: flagValues))
      ),
      (.environment, EnvironmentVariablesProvider(environmentVariables: environment)),
    ]
    problems += Self.unknownVariables(environment)
    if let file {
      do {
        let provider = try await FileProvider<SettingsFile>(filePath: FilePath(file))
        if let contents = provider.snapshot() as? SettingsFile {
          problems += contents.problems(in: file)
        }
        providers.append((.file, provider))
      } catch let error as SettingsFile.NotSettings {
        problems.append("\(file): \(error)")
      } catch {
        problems.append("--config: \(file) cannot be read; write the path of a JSON file")
      }
    }
    self.providers = providers
    self.problems = problems
  }

  /// The value of the strongest source that has one.
  func value(of setting: Setting) throws -> (text: String, source: SettingSource)? {
    for (source, provider) in providers {
      let found = try provider.value(forKey: source.lookupKey(of: setting), type: .string)
      if case .string(let text)? = found.value?.content { return (text, source) }
    }
    return nil
  }

  /// How a problem names the place of a value.
  func place(of setting: Setting, in source: SettingSource) -> String {
    let name = source.name(of: setting)
    if source == .file, let file { return "\(name) in \(file)" }
    return name
  }
}

extension SettingLayers {
  /// Variables that begin with `CARAVAN_` and mean nothing.
  private static func unknownVariables(_ environment: [String: String]) -> [String] {
    let known = Set(SettingTable.all.map(\.environment) + ["CARAVAN_CONFIG"])
    return environment.keys.sorted()
      .filter { $0.hasPrefix("CARAVAN_") && !known.contains($0) && !isSomebodyElses($0) }
      .map { name in
        "\(name): no such setting" + didYouMean(name, among: known)
      }
  }

  /// Variables that the Makefile and the tests of a checkout know.
  private static let ofTheCheckout: Set = [
    "CARAVAN_BENCH", "CARAVAN_BINARY", "CARAVAN_CRASH_ROUNDS", "CARAVAN_CRASH_SEED",
    "CARAVAN_FIRST_SEED", "CARAVAN_FUZZ", "CARAVAN_PYTHON", "CARAVAN_SEEDS",
  ]

  /// Whether the variable is known to belong to others: to a checkout, or to Kubernetes, which
  /// makes some in every container for each service, and one may be called "caravan".
  private static func isSomebodyElses(_ name: String) -> Bool {
    if name.hasPrefix("CARAVAN_TEST_") || ofTheCheckout.contains(name) { return true }
    return name.wholeMatch(
      of: /CARAVAN_(\w+_)?(SERVICE_HOST|SERVICE_PORT(_\w+)?|PORT(_\d+_\w+)?)/) != nil
  }
}

/// A hint at the known name closest to a mistyped one, or nothing where none is close.
func didYouMean(_ name: String, among known: some Sequence<String>) -> String {
  let closest = known.map { (name: $0, distance: editDistance(name, $0)) }
    .min { ($0.distance, $0.name) < ($1.distance, $1.name) }
  guard let closest, closest.distance <= max(2, name.count / 4) else { return "" }
  return "; did you mean \(closest.name)?"
}

/// Letters to insert, remove or replace until one word is the other (Levenshtein).
private func editDistance(_ from: String, _ to: String) -> Int {
  let to = Array(to.utf8)
  var row = Array(0...to.count)
  for (i, a) in from.utf8.enumerated() {
    var diagonal = row[0]
    row[0] = i + 1
    for (j, b) in to.enumerated() {
      let replaced = diagonal + (a == b ? 0 : 1)
      diagonal = row[j + 1]
      row[j + 1] = min(replaced, row[j] + 1, diagonal + 1)
    }
  }
  return row[to.count]
}
