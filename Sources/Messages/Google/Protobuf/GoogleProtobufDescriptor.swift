package import ProtoWire

// What reflection and the JSON mapping read of `google/protobuf/descriptor.proto`. All else is
// skipped when it is decoded, so none of these is fit to be sent on.

extension GoogleProtobuf {
  /// The files that protoc compiled, each as it was serialized: reflection hands them out
  /// unchanged.
  package struct FileDescriptorSet: WireMessage {
    /// Serialized `FileDescriptorProto`s; a file comes after those it imports.
    package var files: [[UInt8]] = []

    package init() {}

    package mutating func merge(from reader: inout WireReader) throws(WireError) {
      while let field = try reader.nextField() {
        switch field.number {
        case 1: try reader.appendBytes(field, to: &files)
        default: try reader.skip(field)
        }
      }
    }

    package func encode(into writer: inout WireWriter) {
      writer.repeatedBytes(1, files)
    }
  }

  /// One `.proto` file.
  package struct FileDescriptorProto: WireMessage {
    /// Its path, as others import it.
    package var name: String = ""
    /// Its package; empty: none.
    package var package: String = ""
    /// Names of the files it imports.
    package var dependencies: [String] = []
    /// Messages at its top level.
    package var messageTypes: [DescriptorProto] = []
    /// Enums at its top level.
    package var enumTypes: [EnumDescriptorProto] = []
    /// Services.
    package var services: [ServiceDescriptorProto] = []
    /// Extensions at its top level.
    package var extensions: [FieldDescriptorProto] = []
    /// Its comments; absent where it was compiled without them.
    package var sourceCodeInfo: SourceCodeInfo?

    package init() {}

    package mutating func merge(from reader: inout WireReader) throws(WireError) {
      while let field = try reader.nextField() {
        switch field.number {
        case 1: name = try reader.string(field)
        case 2: package = try reader.string(field)
        case 3: try reader.appendString(field, to: &dependencies)
        case 4: try reader.appendMessage(field, to: &messageTypes)
        case 5: try reader.appendMessage(field, to: &enumTypes)
        case 6: try reader.appendMessage(field, to: &services)
        case 7: try reader.appendMessage(field, to: &extensions)
        case 9: try reader.message(field, into: &sourceCodeInfo)
        default: try reader.skip(field)
        }
      }
    }

    package func encode(into writer: inout WireWriter) {
      writer.string(1, name)
      writer.string(2, package)
      writer.repeatedString(3, dependencies)
      writer.repeatedMessage(4, messageTypes)
      writer.repeatedMessage(5, enumTypes)
      writer.repeatedMessage(6, services)
      writer.repeatedMessage(7, extensions)
      writer.message(9, sourceCodeInfo)
    }
  }

  /// One message.
  package struct DescriptorProto: WireMessage {
    /// Its name, without the package and the messages around it.
    package var name: String = ""
    /// Its fields.
    package var fields: [FieldDescriptorProto] = []
    /// Messages inside it, those that stand for map entries included.
    package var nestedTypes: [DescriptorProto] = []
    /// Enums inside it.
    package var enumTypes: [EnumDescriptorProto] = []
    /// Extensions declared inside it.
    package var extensions: [FieldDescriptorProto] = []
    /// Its oneofs.
    package var oneofs: [NamedDescriptorProto] = []
    /// Its options; absent: none.
    package var options: MessageOptions?

    package init() {}

    package mutating func merge(from reader: inout WireReader) throws(WireError) {
      while let field = try reader.nextField() {
        switch field.number {
        case 1: name = try reader.string(field)
        case 2: try reader.appendMessage(field, to: &fields)
        case 3: try reader.appendMessage(field, to: &nestedTypes)
        case 4: try reader.appendMessage(field, to: &enumTypes)
        case 6: try reader.appendMessage(field, to: &extensions)
        case 7: try reader.message(field, into: &options)
        case 8: try reader.appendMessage(field, to: &oneofs)
        default: try reader.skip(field)
        }
      }
    }

    package func encode(into writer: inout WireWriter) {
      writer.string(1, name)
      writer.repeatedMessage(2, fields)
      writer.repeatedMessage(3, nestedTypes)
      writer.repeatedMessage(4, enumTypes)
      writer.repeatedMessage(6, extensions)
      writer.message(7, options)
      writer.repeatedMessage(8, oneofs)
    }
  }

  /// One enum.
  package struct EnumDescriptorProto: WireMessage {
    /// Its name, without the package and the messages around it.
    package var name: String = ""
    /// Its values.
    package var values: [EnumValueDescriptorProto] = []

    package init() {}

    package mutating func merge(from reader: inout WireReader) throws(WireError) {
      while let field = try reader.nextField() {
        switch field.number {
        case 1: name = try reader.string(field)
        case 2: try reader.appendMessage(field, to: &values)
        default: try reader.skip(field)
        }
      }
    }

    package func encode(into writer: inout WireWriter) {
      writer.string(1, name)
      writer.repeatedMessage(2, values)
    }
  }

  /// One service.
  package struct ServiceDescriptorProto: WireMessage {
    /// Its name, without the package.
    package var name: String = ""
    /// Its methods.
    package var methods: [MethodDescriptorProto] = []

    package init() {}

    package mutating func merge(from reader: inout WireReader) throws(WireError) {
      while let field = try reader.nextField() {
        switch field.number {
        case 1: name = try reader.string(field)
        case 2: try reader.appendMessage(field, to: &methods)
        default: try reader.skip(field)
        }
      }
    }

    package func encode(into writer: inout WireWriter) {
      writer.string(1, name)
      writer.repeatedMessage(2, methods)
    }
  }

  /// A oneof: its name is all there is to it.
  package struct NamedDescriptorProto: WireMessage {
    /// Its name, without anything around it.
    package var name: String = ""

    package init() {}

    package mutating func merge(from reader: inout WireReader) throws(WireError) {
      while let field = try reader.nextField() {
        switch field.number {
        case 1: name = try reader.string(field)
        default: try reader.skip(field)
        }
      }
    }

    package func encode(into writer: inout WireWriter) {
      writer.string(1, name)
    }
  }
}
