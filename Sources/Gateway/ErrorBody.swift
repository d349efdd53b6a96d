import GRPC
import HTTPTypes
import Messages
import ProtoJSON
import ProtoWire

/// How a status is told over HTTP (google/rpc/code.proto): `{"code": 10, "message": "…", "details":
/// [{"@type": "…", …}]}`.
struct ErrorBody: Sendable {
  let mapping: JSONMapping

  /// The body. Details of a type that is not known are left out: there is no JSON for them.
  func json(_ status: Status) -> JSONValue {
    var details: [JSONValue] = []
    if let message = try? GoogleRPC.Status(wire: status.details) {
      for detail in message.details {
        if let json = try? mapping.document(
          of: detail.wireBytes(), as: GoogleProtobuf.AnyMessage.fullName)
        {
          details.append(json)
        }
      }
    }
    return .object([
      JSONValue.Member("code", .number(String(status.code.rawValue))),
      JSONValue.Member("message", .string(status.message)),
      JSONValue.Member("details", .array(details)),
    ])
  }

  /// How long to wait before asking again, in whole seconds, rounded up.
  static func retryAfterSeconds(_ status: Status) -> Int? {
    guard let text = status.metadata.first("grpc-retry-pushback-ms"), let delay = Int(text),
      delay >= 0
    else { return nil }
    return max(1, (delay + 999) / 1_000)
  }
}

extension StatusCode {
  /// The HTTP status that stands for it.
  var http: HTTPResponse.Status {
    switch self {
    case .ok: .ok
    case .cancelled: HTTPResponse.Status(code: 499, reasonPhrase: "Client Closed Request")
    case .unknown, .internal, .dataLoss: .internalServerError
    case .invalidArgument, .failedPrecondition, .outOfRange: .badRequest
    case .deadlineExceeded: .gatewayTimeout
    case .notFound: .notFound
    case .alreadyExists, .aborted: .conflict
    case .permissionDenied: .forbidden
    case .resourceExhausted: .tooManyRequests
    case .unimplemented: .notImplemented
    case .unavailable: .serviceUnavailable
    case .unauthenticated: .unauthorized
    }
  }
}
