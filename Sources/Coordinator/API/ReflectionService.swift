import GRPC
import Messages
import ProtoWire
import Transport

/// `grpc.reflection.v1.ServerReflection` and its older name v1alpha: grpcurl and its like list and
/// describe the services without files.
enum ReflectionService {
  /// What a request may have in bytes: a name longer than that is no symbol, and every response
  /// repeats its request.
  static let requestBytesMax = 64 << 10

  /// Serves both versions. Lists the services that `router` has by then, so it is called last.
  static func register(on router: inout Router) throws(WireError) {
    let own = [
      GRPCReflectionV1.ServerReflection.info, GRPCReflectionV1Alpha.ServerReflection.info,
    ]
    let answers = ReflectionAnswers(
      index: try ReflectionIndex(descriptorSet: ReflectionDescriptors.serialized),
      services: (router.paths + own).compactMap(serviceName))
    for path in own {
      router.streaming(path) { serve($0, answers) }
    }
  }

  /// `package.Service` of `/package.Service/Method`.
  private static func serviceName(ofPath path: String) -> String? {
    path.split(separator: "/").first.map(String.init)
  }

  private static func serve(_ call: StreamingCall, _ answers: ReflectionAnswers) {
    call.onMessage { bytes in
      switch respond(to: bytes, answers) {
      case .failure(let status):
        call.finish(status)
      case .success(let response):
        // A peer that asks and does not read is not asked for more.
        switch call.send(response) {
        case .sent: if !call.isWritable { call.pauseReading() }
        case .full: call.finish(Status(.resourceExhausted, "the responses are not being read"))
        case .closed: break
        }
      }
    }
    call.onWritable { call.resumeReading() }
    call.onHalfClose { call.finish() }
  }

  private static func respond(
    to bytes: [UInt8], _ answers: ReflectionAnswers
  ) -> Result<[UInt8], Status> {
    guard bytes.count <= requestBytesMax else {
      return .failure(
        Status(
          .resourceExhausted,
          "a reflection request has at most \(requestBytesMax) bytes, not \(bytes.count)"))
    }
    do {
      let request = try GRPCReflectionV1.ServerReflectionRequest(wire: bytes)
      return .success(answers.answer(request).wireBytes())
    } catch {
      return .failure(Status(.invalidArgument, "not a ServerReflectionRequest: \(error)"))
    }
  }
}

extension ReflectionDescriptors {
  /// The set, as protoc wrote it.
  static var serialized: [UInt8] {
    guard let bytes = Base64.decode(Array(base64.utf8).span) else {
      preconditionFailure("Protos/generate wrote something that is not base64")
    }
    return bytes
  }
}
