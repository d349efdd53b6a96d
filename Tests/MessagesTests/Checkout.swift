import Foundation

/// The checkout that these tests were built from, and programs run in it.
enum Checkout {
  /// The path of its top folder.
  static let root = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().path

  /// A Python with protobuf.
  static let python =
    ProcessInfo.processInfo.environment["CARAVAN_PYTHON"] ?? root + "/.venv/bin/python"

  /// A program did not end well.
  struct Failure: Error, CustomStringConvertible {
    let description: String
  }

  /// The path of a new file with the descriptor set that Protos/generate makes.
  static func descriptorSetFile() throws -> String {
    let file = temporaryPath(".bin")
    try run(root + "/Protos/generate", [file])
    return file
  }

  /// The descriptor set that Protos/generate makes.
  static func descriptorSet() throws -> [UInt8] {
    let file = try descriptorSetFile()
    defer { remove(file) }
    return try contents(of: file)
  }

  /// A path that nobody else has.
  static func temporaryPath(_ suffix: String) -> String {
    NSTemporaryDirectory() + "/caravan-\(UUID())\(suffix)"
  }

  /// A file's bytes.
  static func contents(of path: String) throws -> [UInt8] {
    [UInt8](try Data(contentsOf: URL(filePath: path)))
  }

  /// Removes a file, or a folder with all that is in it.
  static func remove(_ path: String) {
    try? FileManager.default.removeItem(atPath: path)
  }

  /// Paths of all files below a folder, relative to it.
  static func files(below folder: String) throws -> [String] {
    try FileManager.default.subpathsOfDirectory(atPath: folder).filter { path in
      let attributes = try FileManager.default.attributesOfItem(atPath: folder + "/" + path)
      return attributes[.type] as? FileAttributeType == .typeRegular
    }
  }

  /// Runs a program to its end; returns what it wrote to its standard output.
  @discardableResult
  static func run(_ program: String, _ arguments: [String]) throws -> [UInt8] {
    guard FileManager.default.isExecutableFile(atPath: program) else {
      throw Failure(description: "no program \(program): `make test` prepares it")
    }
    let written = temporaryPath(".out")
    try Data().write(to: URL(filePath: written))
    defer { remove(written) }
    let process = Process()
    process.executableURL = URL(filePath: program)
    process.arguments = arguments
    let output = try FileHandle(forWritingTo: URL(filePath: written))
    process.standardOutput = output
    process.standardInput = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    try output.close()
    guard process.terminationStatus == 0 else {
      let words = ([program] + arguments).joined(separator: " ")
      throw Failure(description: "\(words) ended with \(process.terminationStatus)")
    }
    return try contents(of: written)
  }
}
