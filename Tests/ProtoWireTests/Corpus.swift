import Foundation

/// The committed inputs: Seeds, one or more for every kind of field, and FailCases, each of which
/// has broken a codec once or is made to. The fuzzer starts from the same files.
enum Corpus {
  static func messages() throws -> [[UInt8]] {
    try files().map { [UInt8](try Data(contentsOf: $0)) }
  }

  static func files() throws -> [URL] {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("Corpus")
    return try ["Seeds", "FailCases"].flatMap { folder in
      try FileManager.default.contentsOfDirectory(
        at: root.appendingPathComponent(folder), includingPropertiesForKeys: nil)
    }.sorted { $0.path < $1.path }
  }
}
