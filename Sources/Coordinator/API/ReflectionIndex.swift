import Messages
import ProtoWire

/// The files of a descriptor set by name and by symbol, as the reflection service is asked for
/// them.
struct ReflectionIndex: Sendable, Equatable {
  private struct File: Equatable {
    var serialized: [UInt8]
    var dependencies: [String]
  }

  private var files: [String: File] = [:]
  /// Full name of everything that has one → name of its file.
  private var fileOfSymbol: [String: String] = [:]
  private var messages: Set<String> = []
  /// Full names of all services that the files declare.
  private(set) var services: Set<String> = []

  /// The index of a serialized `google.protobuf.FileDescriptorSet`.
  init(descriptorSet: [UInt8]) throws(WireError) {
    let set = try GoogleProtobuf.FileDescriptorSet(wire: descriptorSet)
    for serialized in set.files {
      let file = try GoogleProtobuf.FileDescriptorProto(wire: serialized)
      files[file.name] = File(serialized: serialized, dependencies: file.dependencies)
      add(file)
    }
  }

  /// The file of this name and all that it imports, directly or not; the file itself first. Nil:
  /// there is no such file.
  func files(named name: String) -> [[UInt8]]? {
    guard files[name] != nil else { return nil }
    var order = [name]
    var seen: Set<String> = [name]
    var next = 0
    while next < order.count {
      for dependency in files[order[next]]?.dependencies ?? []
      where files[dependency] != nil && seen.insert(dependency).inserted {
        order.append(dependency)
      }
      next += 1
    }
    return order.compactMap { files[$0]?.serialized }
  }

  /// The file that declares `symbol` (a service, method, message, field, oneof, enum, enum value or
  /// extension, by its full name) with all that it imports. Nil: there is no such symbol.
  func files(containing symbol: String) -> [[UInt8]]? {
    fileOfSymbol[symbol].flatMap { files(named: $0) }
  }

  /// Whether `name` is the full name of a message.
  func isMessage(_ name: String) -> Bool { messages.contains(name) }

  private mutating func add(_ file: GoogleProtobuf.FileDescriptorProto) {
    for message in file.messageTypes { add(message, in: file.package, of: file) }
    for type in file.enumTypes { add(type, in: file.package, of: file) }
    for field in file.extensions { add(field.name, in: file.package, of: file) }
    for service in file.services {
      let name = add(service.name, in: file.package, of: file)
      services.insert(name)
      for method in service.methods { add(method.name, in: name, of: file) }
    }
  }

  private mutating func add(
    _ message: GoogleProtobuf.DescriptorProto, in scope: String,
    of file: GoogleProtobuf.FileDescriptorProto
  ) {
    let name = add(message.name, in: scope, of: file)
    messages.insert(name)
    for field in message.fields + message.extensions { add(field.name, in: name, of: file) }
    for oneof in message.oneofs { add(oneof.name, in: name, of: file) }
    for type in message.enumTypes { add(type, in: name, of: file) }
    for nested in message.nestedTypes { add(nested, in: name, of: file) }
  }

  private mutating func add(
    _ type: GoogleProtobuf.EnumDescriptorProto, in scope: String,
    of file: GoogleProtobuf.FileDescriptorProto
  ) {
    let name = add(type.name, in: scope, of: file)
    for value in type.values {
      // In protobuf a value is its enum's sibling, not its child. Some servers and clients name it
      // as a child all the same.
      add(value.name, in: scope, of: file)
      add(value.name, in: name, of: file)
    }
  }

  @discardableResult
  private mutating func add(
    _ name: String, in scope: String, of file: GoogleProtobuf.FileDescriptorProto
  ) -> String {
    let full = scope.isEmpty ? name : scope + "." + name
    fileOfSymbol[full] = file.name
    return full
  }
}
