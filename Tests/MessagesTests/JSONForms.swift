import Foundation
import ProtoJSON

/// What Python protobuf makes of messages in JSON: see json_forms.py.
enum JSONForms {
  /// The files whose messages are compared.
  enum Source: CaseIterable, Sendable {
    /// Those under Protos/.
    case protos
    /// The one with every kind of field.
    case everything
  }

  /// Runs json_forms.py over a descriptor set.
  static func records(_ source: Source, _ arguments: [String]) throws -> [PythonMessages.Record] {
    try withDescriptorSet(source) { set in
      let output = try Checkout.run(
        Checkout.python,
        [Checkout.root + "/Tests/MessagesTests/json_forms.py", set] + arguments)
      return PythonMessages.records(in: output)
    }
  }

  /// As `records`, over a file of these strings.
  static func records(
    _ source: Source, _ verb: String, _ strings: [[UInt8]]
  ) throws -> [PythonMessages.Record] {
    let file = Checkout.temporaryPath(".in")
    defer { Checkout.remove(file) }
    var data = Data()
    for string in strings {
      withUnsafeBytes(of: UInt32(string.count).bigEndian) { data.append(contentsOf: $0) }
      data.append(contentsOf: string)
    }
    try data.write(to: URL(filePath: file))
    return try records(source, [verb, file])
  }

  static func mapping(_ source: Source) throws -> JSONMapping {
    try withDescriptorSet(source) { set in
      JSONMapping(try ProtoCatalog(descriptorSet: Checkout.contents(of: set)))
    }
  }

  private static func withDescriptorSet<Result>(
    _ source: Source, _ body: (String) throws -> Result
  ) throws -> Result {
    let set: String
    switch source {
    case .protos: set = try Checkout.descriptorSetFile()
    case .everything:
      set = Checkout.temporaryPath(".bin")
      try Checkout.run(
        "/usr/bin/protoc",
        [
          "-I", Checkout.root + "/Tests/ProtoWireTests/Protos", "--descriptor_set_out", set,
          "everything.proto",
        ])
    }
    defer { Checkout.remove(set) }
    return try body(set)
  }
}

extension JSONValue {
  /// Members ascending by name and numbers as the double they mean: what two documents have to have
  /// in common.
  var normal: JSONValue {
    switch self {
    case .null, .bool, .string: self
    case .number(let text): .number(Double(text).map { "\($0)" } ?? text)
    case .array(let values): .array(values.map(\.normal))
    case .object(let members):
      .object(
        members.map { Member($0.name, $0.value.normal) }
          .sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) })
    }
  }
}
