package import ProtoWire

extension GRPCReflectionV1 {
  /// One question.
  package struct ServerReflectionRequest: NamedMessage {
    package static let fullName = "grpc.reflection.v1.ServerReflectionRequest"

    /// The question.
    package enum MessageRequest: Equatable, Sendable {
      /// The file of this name.
      case fileByFilename(String)
      /// The file that declares this symbol.
      case fileContainingSymbol(String)
      /// The file that declares this extension.
      case fileContainingExtension(ExtensionRequest)
      /// The extension numbers of this type.
      case allExtensionNumbersOfType(String)
      /// The names of all services; the content is not looked at.
      case listServices(String)
    }

    /// The host it is meant for; not looked at.
    package var host: String = ""
    /// The question.
    package var messageRequest: MessageRequest?

    package init() {}

    package mutating func merge(from reader: inout WireReader) throws(WireError) {
      while let field = try reader.nextField() {
        switch field.number {
        case 1: host = try reader.string(field)
        case 3: messageRequest = .fileByFilename(try reader.string(field))
        case 4: messageRequest = .fileContainingSymbol(try reader.string(field))
        case 5:
          var merged: ExtensionRequest?
          if case .fileContainingExtension(let before) = messageRequest { merged = before }
          try reader.message(field, into: &merged)
          messageRequest = merged.map(MessageRequest.fileContainingExtension)
        case 6: messageRequest = .allExtensionNumbersOfType(try reader.string(field))
        case 7: messageRequest = .listServices(try reader.string(field))
        default: try reader.skip(field)
        }
      }
    }

    package func encode(into writer: inout WireWriter) {
      writer.string(1, host)
      switch messageRequest {
      case .fileByFilename(let value): writer.string(3, value, always: true)
      case .fileContainingSymbol(let value): writer.string(4, value, always: true)
      case .fileContainingExtension(let value): writer.message(5, value, always: true)
      case .allExtensionNumbersOfType(let value): writer.string(6, value, always: true)
      case .listServices(let value): writer.string(7, value, always: true)
      case nil: break
      }
    }
  }

  /// An extension of a message.
  package struct ExtensionRequest: NamedMessage {
    package static let fullName = "grpc.reflection.v1.ExtensionRequest"

    /// Full name of the extended message.
    package var containingType: String = ""
    /// Number of the extension.
    package var extensionNumber: Int32 = 0

    package init() {}

    package mutating func merge(from reader: inout WireReader) throws(WireError) {
      while let field = try reader.nextField() {
        switch field.number {
        case 1: containingType = try reader.string(field)
        case 2: extensionNumber = try reader.int32(field)
        default: try reader.skip(field)
        }
      }
    }

    package func encode(into writer: inout WireWriter) {
      writer.string(1, containingType)
      writer.int32(2, extensionNumber)
    }
  }
}
