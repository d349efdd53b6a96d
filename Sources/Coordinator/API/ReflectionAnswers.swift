import GRPC
import Messages
import ProtoWire

/// What the reflection service answers: one response to each request, from the index alone.
struct ReflectionAnswers: Sendable {
  private let index: ReflectionIndex
  private let services: [String]

  /// - Parameter services: full names of the services that are served. Only they are listed, and of
  ///   them only those that the index knows.
  init(index: ReflectionIndex, services: some Sequence<String>) {
    self.index = index
    self.services = Set(services).intersection(index.services).sorted()
  }

  /// The response to `request`.
  func answer(
    _ request: GRPCReflectionV1.ServerReflectionRequest
  ) -> GRPCReflectionV1.ServerReflectionResponse {
    GRPCReflectionV1.ServerReflectionResponse {
      $0.validHost = request.host
      $0.originalRequest = request
      $0.messageResponse = body(of: request)
    }
  }

  private func body(
    of request: GRPCReflectionV1.ServerReflectionRequest
  ) -> GRPCReflectionV1.ServerReflectionResponse.MessageResponse {
    switch request.messageRequest {
    case .fileByFilename(let name):
      return index.files(named: name).map(files) ?? notFound("no file \(quoted(name))")
    case .fileContainingSymbol(let symbol):
      return index.files(containing: symbol).map(files) ?? notFound("no symbol \(quoted(symbol))")
    case .fileContainingExtension(let wanted):
      let type = quoted(wanted.containingType)
      return notFound("no extension \(wanted.extensionNumber) of \(type): nothing is extended here")
    case .allExtensionNumbersOfType(let type):
      guard index.isMessage(type) else { return notFound("no message \(quoted(type))") }
      return .allExtensionNumbersResponse(
        GRPCReflectionV1.ExtensionNumberResponse { $0.baseTypeName = type })
    case .listServices:
      return .listServicesResponse(
        GRPCReflectionV1.ListServiceResponse {
          $0.service = services.map { name in
            GRPCReflectionV1.ServiceResponse { $0.name = name }
          }
        })
    case nil:
      return error(.invalidArgument, "a request asks for a file, a symbol, extensions or services")
    }
  }

  private func files(
    _ files: [[UInt8]]
  ) -> GRPCReflectionV1.ServerReflectionResponse.MessageResponse {
    .fileDescriptorResponse(
      GRPCReflectionV1.FileDescriptorResponse { $0.fileDescriptorProto = files })
  }

  private func notFound(
    _ text: String
  ) -> GRPCReflectionV1.ServerReflectionResponse.MessageResponse {
    error(.notFound, text)
  }

  private func error(
    _ code: StatusCode, _ text: String
  ) -> GRPCReflectionV1.ServerReflectionResponse.MessageResponse {
    .errorResponse(
      GRPCReflectionV1.ErrorResponse {
        $0.errorCode = Int32(code.rawValue)
        $0.errorMessage = text
      })
  }

  /// `text` in quotes, cut where it is longer than a name has any business to be.
  private func quoted(_ text: String) -> String {
    let shown = text.prefix(Self.shownCharactersMax)
    return "'\(shown)\(shown.endIndex < text.endIndex ? "…" : "")'"
  }

  /// How much of an unknown name an error repeats, in characters.
  private static let shownCharactersMax = 200
}
