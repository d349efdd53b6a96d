import GRPC
import Messages
import Testing

@testable import Coordinator

struct ReflectionAnswersTests {
  private typealias Request = GRPCReflectionV1.ServerReflectionRequest

  private let answers: ReflectionAnswers

  init() throws {
    answers = ReflectionAnswers(
      index: try ReflectionIndex(descriptorSet: ReflectionDescriptors.serialized),
      services: [
        "grpc.health.v1.Health", "caravan.v1.Coordinator", "grpc.health.v1.Health", "not.Described",
      ])
  }

  @Test func onlyServedServicesAreListedEachOnceInOrder() {
    guard case .listServicesResponse(let list) = answer(.listServices("*")) else {
      Issue.record("not a list of services")
      return
    }
    #expect(list.service.map(\.name) == ["caravan.v1.Coordinator", "grpc.health.v1.Health"])
  }

  @Test func theRequestIsRepeatedInItsResponse() {
    let request = Request {
      $0.host = "localhost"
      $0.messageRequest = .listServices("")
    }
    let response = answers.answer(request)
    #expect(response.validHost == "localhost")
    #expect(response.originalRequest == request)
  }

  @Test func filesAreFoundByNameAndBySymbol() {
    guard
      case .fileDescriptorResponse(let byName) = answer(.fileByFilename("google/rpc/status.proto")),
      case .fileDescriptorResponse(let bySymbol) = answer(
        .fileContainingSymbol("google.rpc.Status"))
    else {
      Issue.record("not files")
      return
    }
    #expect(byName == bySymbol)
    #expect(byName.fileDescriptorProto.count == 2)
  }

  @Test func messagesHaveNoExtensions() {
    let type = "caravan.v1.Transaction"
    let expected = GRPCReflectionV1.ExtensionNumberResponse { $0.baseTypeName = type }
    #expect(answer(.allExtensionNumbersOfType(type)) == .allExtensionNumbersResponse(expected))
    let wanted = GRPCReflectionV1.ExtensionRequest {
      $0.containingType = type
      $0.extensionNumber = 1_000
    }
    #expect(code(of: .fileContainingExtension(wanted)) == .notFound)
  }

  @Test(
    arguments: [
      .fileByFilename("no.proto"), .fileContainingSymbol("no.Symbol"),
      .fileContainingSymbol(String(repeating: "x", count: 10_000)),
      .allExtensionNumbersOfType("no.Message"), .allExtensionNumbersOfType("caravan.v1.State"),
    ] as [GRPCReflectionV1.ServerReflectionRequest.MessageRequest])
  func whatIsNotThereIsNotFound(_ question: GRPCReflectionV1.ServerReflectionRequest.MessageRequest)
  {
    #expect(code(of: question) == .notFound)
  }

  @Test func aRequestWithoutAQuestionIsAnInvalidArgument() {
    #expect(code(of: nil) == .invalidArgument)
  }

  private func answer(
    _ question: GRPCReflectionV1.ServerReflectionRequest.MessageRequest?
  ) -> GRPCReflectionV1.ServerReflectionResponse.MessageResponse? {
    answers.answer(Request { $0.messageRequest = question }).messageResponse
  }

  private func code(
    of question: GRPCReflectionV1.ServerReflectionRequest.MessageRequest?
  ) -> StatusCode? {
    guard case .errorResponse(let error) = answer(question) else { return nil }
    #expect(error.errorMessage.count < 300)
    return StatusCode(rawValue: Int(error.errorCode))
  }
}
