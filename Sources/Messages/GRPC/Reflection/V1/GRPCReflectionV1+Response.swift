package import ProtoWire

extension GRPCReflectionV1 {
  /// One answer.
  package struct ServerReflectionResponse: NamedMessage {
    package static let fullName = "grpc.reflection.v1.ServerReflectionResponse"

    /// The answer.
    package enum MessageResponse: Equatable, Sendable {
      /// Files, with those that they import.
      case fileDescriptorResponse(FileDescriptorResponse)
      /// Extension numbers.
      case allExtensionNumbersResponse(ExtensionNumberResponse)
      /// Services.
      case listServicesResponse(ListServiceResponse)
      /// There is no such thing.
      case errorResponse(ErrorResponse)
    }

    /// The host of the question.
    package var validHost: String = ""
    /// The question.
    package var originalRequest: ServerReflectionRequest?
    /// The answer.
    package var messageResponse: MessageResponse?

    package init() {}

    package mutating func merge(from reader: inout WireReader) throws(WireError) {
      while let field = try reader.nextField() {
        switch field.number {
        case 1: validHost = try reader.string(field)
        case 2: try reader.message(field, into: &originalRequest)
        case 4:
          var merged: FileDescriptorResponse?
          if case .fileDescriptorResponse(let before) = messageResponse { merged = before }
          try reader.message(field, into: &merged)
          messageResponse = merged.map(MessageResponse.fileDescriptorResponse)
        case 5:
          var merged: ExtensionNumberResponse?
          if case .allExtensionNumbersResponse(let before) = messageResponse { merged = before }
          try reader.message(field, into: &merged)
          messageResponse = merged.map(MessageResponse.allExtensionNumbersResponse)
        case 6:
          var merged: ListServiceResponse?
          if case .listServicesResponse(let before) = messageResponse { merged = before }
          try reader.message(field, into: &merged)
          messageResponse = merged.map(MessageResponse.listServicesResponse)
        case 7:
          var merged: ErrorResponse?
          if case .errorResponse(let before) = messageResponse { merged = before }
          try reader.message(field, into: &merged)
          messageResponse = merged.map(MessageResponse.errorResponse)
        default: try reader.skip(field)
        }
      }
    }

    package func encode(into writer: inout WireWriter) {
      writer.string(1, validHost)
      writer.message(2, originalRequest)
      switch messageResponse {
      case .fileDescriptorResponse(let value): writer.message(4, value, always: true)
      case .allExtensionNumbersResponse(let value): writer.message(5, value, always: true)
      case .listServicesResponse(let value): writer.message(6, value, always: true)
      case .errorResponse(let value): writer.message(7, value, always: true)
      case nil: break
      }
    }
  }

  /// Files as serialized google.protobuf.FileDescriptorProto.
  package struct FileDescriptorResponse: NamedMessage {
    package static let fullName = "grpc.reflection.v1.FileDescriptorResponse"

    /// The files.
    package var fileDescriptorProto: [[UInt8]] = []

    package init() {}

    package mutating func merge(from reader: inout WireReader) throws(WireError) {
      while let field = try reader.nextField() {
        switch field.number {
        case 1: try reader.appendBytes(field, to: &fileDescriptorProto)
        default: try reader.skip(field)
        }
      }
    }

    package func encode(into writer: inout WireWriter) {
      writer.repeatedBytes(1, fileDescriptorProto)
    }
  }

  /// Extension numbers of a message.
  package struct ExtensionNumberResponse: NamedMessage {
    package static let fullName = "grpc.reflection.v1.ExtensionNumberResponse"

    /// Full name of the message.
    package var baseTypeName: String = ""
    /// Its extension numbers.
    package var extensionNumber: [Int32] = []

    package init() {}

    package mutating func merge(from reader: inout WireReader) throws(WireError) {
      while let field = try reader.nextField() {
        switch field.number {
        case 1: baseTypeName = try reader.string(field)
        case 2: try reader.appendInt32(field, to: &extensionNumber)
        default: try reader.skip(field)
        }
      }
    }

    package func encode(into writer: inout WireWriter) {
      writer.string(1, baseTypeName)
      writer.packedInt32(2, extensionNumber)
    }
  }

  /// The services of this server.
  package struct ListServiceResponse: NamedMessage {
    package static let fullName = "grpc.reflection.v1.ListServiceResponse"

    /// The services.
    package var service: [ServiceResponse] = []

    package init() {}

    package mutating func merge(from reader: inout WireReader) throws(WireError) {
      while let field = try reader.nextField() {
        switch field.number {
        case 1: try reader.appendMessage(field, to: &service)
        default: try reader.skip(field)
        }
      }
    }

    package func encode(into writer: inout WireWriter) {
      writer.repeatedMessage(1, service)
    }
  }

  /// One service.
  package struct ServiceResponse: NamedMessage {
    package static let fullName = "grpc.reflection.v1.ServiceResponse"

    /// Full name of the service.
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

  /// Why a question has no answer.
  package struct ErrorResponse: NamedMessage {
    package static let fullName = "grpc.reflection.v1.ErrorResponse"

    /// A gRPC status code.
    package var errorCode: Int32 = 0
    /// In words.
    package var errorMessage: String = ""

    package init() {}

    package mutating func merge(from reader: inout WireReader) throws(WireError) {
      while let field = try reader.nextField() {
        switch field.number {
        case 1: errorCode = try reader.int32(field)
        case 2: errorMessage = try reader.string(field)
        default: try reader.skip(field)
        }
      }
    }

    package func encode(into writer: inout WireWriter) {
      writer.int32(1, errorCode)
      writer.string(2, errorMessage)
    }
  }
}
