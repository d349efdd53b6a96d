package import ProtoWire

extension GoogleProtobuf {
  /// A field of a message, or an extension.
  package struct FieldDescriptorProto: WireMessage {
    /// Its name, without anything around it.
    package var name: String = ""
    /// Its number on the wire.
    package var number: Int32 = 0
    /// 1: optional, 2: required, 3: repeated.
    package var label: Int32 = 0
    /// `FieldDescriptorProto.Type`: 1 for double to 18 for sint64.
    package var type: Int32 = 0
    /// `.package.Name` of its message or enum; empty: neither.
    package var typeName: String = ""
    /// Index of its oneof in the message; nil: in none.
    package var oneofIndex: Int32?
    /// Its name in JSON.
    package var jsonName: String = ""
    /// Declared `optional`, so that its default can be told from its absence.
    package var proto3Optional: Bool = false

    package init() {}

    package mutating func merge(from reader: inout WireReader) throws(WireError) {
      while let field = try reader.nextField() {
        switch field.number {
        case 1: name = try reader.string(field)
        case 3: number = try reader.int32(field)
        case 4: label = try reader.int32(field)
        case 5: type = try reader.int32(field)
        case 6: typeName = try reader.string(field)
        case 9: oneofIndex = try reader.int32(field)
        case 10: jsonName = try reader.string(field)
        case 17: proto3Optional = try reader.bool(field)
        default: try reader.skip(field)
        }
      }
    }

    package func encode(into writer: inout WireWriter) {
      writer.string(1, name)
      writer.int32(3, number)
      writer.int32(4, label)
      writer.int32(5, type)
      writer.string(6, typeName)
      if let oneofIndex { writer.int32(9, oneofIndex, always: true) }
      writer.string(10, jsonName)
      writer.bool(17, proto3Optional)
    }
  }

  /// What is set on a message.
  package struct MessageOptions: WireMessage {
    /// It was made by the compiler for the entries of a map.
    package var mapEntry: Bool = false

    package init() {}

    package mutating func merge(from reader: inout WireReader) throws(WireError) {
      while let field = try reader.nextField() {
        switch field.number {
        case 7: mapEntry = try reader.bool(field)
        default: try reader.skip(field)
        }
      }
    }

    package func encode(into writer: inout WireWriter) {
      writer.bool(7, mapEntry)
    }
  }

  /// A value of an enum.
  package struct EnumValueDescriptorProto: WireMessage {
    /// Its name, without anything around it.
    package var name: String = ""
    /// Its number.
    package var number: Int32 = 0

    package init() {}

    package mutating func merge(from reader: inout WireReader) throws(WireError) {
      while let field = try reader.nextField() {
        switch field.number {
        case 1: name = try reader.string(field)
        case 2: number = try reader.int32(field)
        default: try reader.skip(field)
        }
      }
    }

    package func encode(into writer: inout WireWriter) {
      writer.string(1, name)
      writer.int32(2, number)
    }
  }

  /// A method of a service.
  package struct MethodDescriptorProto: WireMessage {
    /// Its name, without anything around it.
    package var name: String = ""
    /// `.package.Name` of its request.
    package var inputType: String = ""
    /// `.package.Name` of its response.
    package var outputType: String = ""
    /// Its options; absent: none.
    package var options: MethodOptions?
    /// It takes any number of requests.
    package var clientStreaming: Bool = false
    /// It gives any number of responses.
    package var serverStreaming: Bool = false

    package init() {}

    package mutating func merge(from reader: inout WireReader) throws(WireError) {
      while let field = try reader.nextField() {
        switch field.number {
        case 1: name = try reader.string(field)
        case 2: inputType = try reader.string(field)
        case 3: outputType = try reader.string(field)
        case 4: try reader.message(field, into: &options)
        case 5: clientStreaming = try reader.bool(field)
        case 6: serverStreaming = try reader.bool(field)
        default: try reader.skip(field)
        }
      }
    }

    package func encode(into writer: inout WireWriter) {
      writer.string(1, name)
      writer.string(2, inputType)
      writer.string(3, outputType)
      writer.message(4, options)
      writer.bool(5, clientStreaming)
      writer.bool(6, serverStreaming)
    }
  }

  /// What is set on a method.
  package struct MethodOptions: WireMessage {
    /// `google.api.http`: the method's route; absent: none.
    package var http: GoogleAPI.HttpRule?

    package init() {}

    package mutating func merge(from reader: inout WireReader) throws(WireError) {
      while let field = try reader.nextField() {
        switch field.number {
        case 72_295_728: try reader.message(field, into: &http)
        default: try reader.skip(field)
        }
      }
    }

    package func encode(into writer: inout WireWriter) {
      writer.message(72_295_728, http)
    }
  }

  /// The comments of a file.
  package struct SourceCodeInfo: WireMessage {
    /// Each declaration, or part of one.
    package var locations: [Location] = []

    package init() {}

    package mutating func merge(from reader: inout WireReader) throws(WireError) {
      while let field = try reader.nextField() {
        switch field.number {
        case 1: try reader.appendMessage(field, to: &locations)
        default: try reader.skip(field)
        }
      }
    }

    package func encode(into writer: inout WireWriter) {
      writer.repeatedMessage(1, locations)
    }

    /// A declaration and the comment above it.
    package struct Location: WireMessage {
      /// Field numbers and indices from the file's descriptor down to the declaration.
      package var path: [Int32] = []
      /// The comment above it, with its leading spaces; empty: none.
      package var leadingComments: String = ""

      package init() {}

      package mutating func merge(from reader: inout WireReader) throws(WireError) {
        while let field = try reader.nextField() {
          switch field.number {
          case 1: try reader.appendInt32(field, to: &path)
          case 3: leadingComments = try reader.string(field)
          default: try reader.skip(field)
          }
        }
      }

      package func encode(into writer: inout WireWriter) {
        writer.packedInt32(1, path)
        writer.string(3, leadingComments)
      }
    }
  }
}
