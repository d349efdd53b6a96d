import Foundation

/// The committed inputs, from which the fuzzer starts too.
enum Corpus {
  enum Folder: String, CaseIterable {
    /// One or more for every kind of field.
    case seeds = "Seeds"
    /// Each has broken a codec once, or is made to.
    case failCases = "FailCases"
    /// A choice of what the fuzzer found to reach new code.
    case found = "Found"
  }

  static func messages(in folders: [Folder] = Folder.allCases) throws -> [[UInt8]] {
    try files(in: folders).map { [UInt8](try Data(contentsOf: $0)) }
  }

  static func files(in folders: [Folder] = Folder.allCases) throws -> [URL] {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("Corpus")
    return try folders.flatMap { folder in
      try FileManager.default.contentsOfDirectory(
        at: root.appendingPathComponent(folder.rawValue), includingPropertiesForKeys: nil)
    }.sorted { $0.path < $1.path }
  }
}
