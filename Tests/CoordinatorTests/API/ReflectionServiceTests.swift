import GRPC
import Messages
import ProtoWire
import Testing
import Transport

@testable import Coordinator

struct ReflectionServiceTests {
  private typealias Request = GRPCReflectionV1.ServerReflectionRequest
  private typealias Response = GRPCReflectionV1.ServerReflectionResponse

  private let router: Router

  init() throws {
    var router = Router()
    HealthService(registry: HealthRegistry(services: [])).register(on: &router)
    try ReflectionService.register(on: &router)
    self.router = router
  }

  @Test(
    .timeLimit(.minutes(1)),
    arguments: [
      GRPCReflectionV1.ServerReflection.info, GRPCReflectionV1Alpha.ServerReflection.info,
    ])
  func bothVersionsAnswerEachRequestInOrder(_ path: String) async throws {
    try await ServedRouter.run(router) { served in
      let questions: [Request.MessageRequest] = [
        .listServices(""), .fileContainingSymbol("grpc.health.v1.Health.Watch"),
        .fileByFilename("no.proto"),
      ]
      let requests = questions.map { question in Request { $0.messageRequest = question } }
      var came = served.stream(path, requests.map { $0.wireBytes() }).makeAsyncIterator()
      var answers: [Response] = []
      for request in requests {
        let answer = try Response(wire: try #require(await came.next()?.message))
        #expect(answer.originalRequest == request)
        answers.append(answer)
      }
      #expect(await came.next()?.code == .ok)
      guard
        case .listServicesResponse(let list) = answers[0].messageResponse,
        case .fileDescriptorResponse(let files) = answers[1].messageResponse,
        case .errorResponse(let error) = answers[2].messageResponse
      else {
        Issue.record("the answers are of other kinds")
        return
      }
      #expect(
        list.service.map(\.name) == [
          "grpc.health.v1.Health", "grpc.reflection.v1.ServerReflection",
          "grpc.reflection.v1alpha.ServerReflection",
        ])
      #expect(files.fileDescriptorProto.count == 1)
      #expect(error.errorCode == Int32(StatusCode.notFound.rawValue))
    }
  }

  @Test(.timeLimit(.minutes(1)))
  func aThousandRequestsAtOnceAreAllAnswered() async throws {
    try await ServedRouter.run(router) { served in
      let request = Request { $0.messageRequest = .fileContainingSymbol("caravan.v1.Coordinator") }
      let requests = [[UInt8]](repeating: request.wireBytes(), count: 1_000)
      var answered = 0
      var code: StatusCode?
      for await came in served.stream(GRPCReflectionV1.ServerReflection.info, requests) {
        if came.message != nil { answered += 1 } else { code = came.code }
      }
      #expect(answered == 1_000)
      #expect(code == .ok)
    }
  }

  @Test(.timeLimit(.minutes(1)))
  func whatIsNoRequestEndsTheStreamWithTheReason() async throws {
    let large = Request {
      $0.host = String(repeating: "x", count: ReflectionService.requestBytesMax)
    }
    try await ServedRouter.run(router) { served in
      let path = GRPCReflectionV1.ServerReflection.info
      var malformed = served.stream(path, [[0x0a, 0x05]]).makeAsyncIterator()
      #expect(await malformed.next()?.code == .invalidArgument)
      var tooLarge = served.stream(path, [large.wireBytes()]).makeAsyncIterator()
      #expect(await tooLarge.next()?.code == .resourceExhausted)
      var none = served.stream(path, []).makeAsyncIterator()
      #expect(await none.next()?.code == .ok)
    }
  }
}
