package import Messages
package import ProtoWire

/// The messages, enums and services of a descriptor set, by their full names.
package struct ProtoCatalog: Sendable {
  package private(set) var messages: [String: MessageSchema] = [:]
  package private(set) var enums: [String: EnumSchema] = [:]
  /// In the order of the files.
  package private(set) var services: [ServiceSchema] = []

  /// - Parameter descriptorSet: a serialized `google.protobuf.FileDescriptorSet`
  package init(descriptorSet: [UInt8]) throws(WireError) {
    for bytes in try GoogleProtobuf.FileDescriptorSet(wire: descriptorSet).files {
      add(try GoogleProtobuf.FileDescriptorProto(wire: bytes))
    }
  }

  /// A method by its path, `/package.Service/Method`.
  package func method(_ path: String) -> MethodSchema? {
    for service in services {
      for method in service.methods where method.path == path { return method }
    }
    return nil
  }

  private mutating func add(_ file: GoogleProtobuf.FileDescriptorProto) {
    let comments = CommentIndex(file.sourceCodeInfo)
    let prefix = file.package.isEmpty ? "" : file.package + "."
    for (index, message) in file.messageTypes.enumerated() {
      add(message, prefix, [4, Int32(index)], comments)
    }
    for (index, type) in file.enumTypes.enumerated() {
      add(type, prefix, [5, Int32(index)], comments)
    }
    for (index, service) in file.services.enumerated() {
      services.append(
        ServiceSchema(service, prefix + service.name, [6, Int32(index)], comments))
    }
  }

  private mutating func add(
    _ message: GoogleProtobuf.DescriptorProto, _ prefix: String, _ path: [Int32],
    _ comments: CommentIndex
  ) {
    let name = prefix + message.name
    messages[name] = MessageSchema(message, name, path, comments)
    for (index, nested) in message.nestedTypes.enumerated() {
      add(nested, name + ".", path + [3, Int32(index)], comments)
    }
    for (index, type) in message.enumTypes.enumerated() {
      add(type, name + ".", path + [4, Int32(index)], comments)
    }
  }

  private mutating func add(
    _ type: GoogleProtobuf.EnumDescriptorProto, _ prefix: String, _ path: [Int32],
    _ comments: CommentIndex
  ) {
    let name = prefix + type.name
    enums[name] = EnumSchema(type, name, path, comments)
  }
}

/// The comments of a file by the path of what they stand above.
struct CommentIndex {
  private var comments: [[Int32]: String] = [:]

  init(_ info: GoogleProtobuf.SourceCodeInfo?) {
    for location in info?.locations ?? [] where !location.leadingComments.isEmpty {
      comments[location.path] = Self.plain(location.leadingComments)
    }
  }

  subscript(path: [Int32]) -> String { comments[path] ?? "" }

  /// Without the space at the beginning of each line; lines of a paragraph are joined.
  private static func plain(_ comment: String) -> String {
    let lines = comment.split(separator: "\n", omittingEmptySubsequences: false).map {
      $0.first == " " ? $0.dropFirst() : $0
    }
    return lines.split(separator: "").map { $0.joined(separator: " ") }.joined(separator: "\n\n")
  }
}

/// A service and its methods.
package struct ServiceSchema: Sendable {
  /// `package.Service`.
  package let name: String
  package let comment: String
  package let methods: [MethodSchema]

  init(
    _ service: GoogleProtobuf.ServiceDescriptorProto, _ name: String, _ path: [Int32],
    _ comments: CommentIndex
  ) {
    self.name = name
    comment = comments[path]
    methods = service.methods.enumerated().map { index, method in
      MethodSchema(method, service: name, comment: comments[path + [2, Int32(index)]])
    }
  }
}

/// A method: what it takes and gives, and its route over HTTP.
package struct MethodSchema: Sendable {
  package let name: String
  /// `/package.Service/Method`.
  package let path: String
  package let comment: String
  /// Full names of the messages.
  package let input: String
  package let output: String
  /// It gives any number of responses.
  package let isServerStreaming: Bool
  /// The option `google.api.http`; nil: none.
  package let http: GoogleAPI.HttpRule?

  init(_ method: GoogleProtobuf.MethodDescriptorProto, service: String, comment: String) {
    name = method.name
    path = "/\(service)/\(method.name)"
    self.comment = comment
    input = String(method.inputType.dropFirst())
    output = String(method.outputType.dropFirst())
    isServerStreaming = method.serverStreaming
    http = method.options?.http
  }
}
