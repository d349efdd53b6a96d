import HTTP2

@testable import GRPC

/// A server's session, and a bare HTTP/2 client that can say anything to it. No sockets, and time
/// is a number.
final class ServerWire: Wire {
  static let unary: StaticString = "/t.S/Unary"
  static let streaming: StaticString = "/t.S/Streaming"

  let server: ServerSession
  let client: Session
  var now: UInt64 = 1_000_000_000
  private(set) var serverEvents: [ServerEvent] = []
  private var responses: [StreamID: Response] = [:]

  /// What the client heard on one stream.
  struct Response {
    var headers = HeaderBlock()
    var body: [UInt8] = []
    var trailers = HeaderBlock()
    /// The code with which the stream closed.
    var closed: ErrorCode?

    /// `grpc-status`, wherever it stood.
    var status: String? { trailers["grpc-status"] ?? headers["grpc-status"] }
    var message: String? { trailers["grpc-message"] ?? headers["grpc-message"] }
  }

  init(limits: ServerLimits = ServerLimits()) throws {
    var methods = MethodTable()
    _ = methods.add("\(Self.unary)", .unary)
    _ = methods.add("\(Self.streaming)", .streaming)
    server = try ServerSession(methods: methods, limits: limits, now: now)
    client = try Session(role: .client, limits: Limits())
    try exchange()
  }

  /// Headers of a good request, some replaced, some (nil) left out, some added.
  static func headers(
    path: StaticString = unary, _ changes: [(String, String?)] = []
  ) -> HeaderBlock {
    var fields: [(String, String?)] = [
      (":method", "POST"), (":scheme", "http"), (":path", "\(path)"), (":authority", "x"),
      ("content-type", "application/grpc"), ("te", "trailers"),
    ]
    for (name, value) in changes {
      if let index = fields.firstIndex(where: { $0.0 == name }) {
        fields[index].1 = value
      } else {
        fields.append((name, value))
      }
    }
    var block = HeaderBlock()
    for case (let name, let value?) in fields {
      block.append(name: name.utf8, value: value.utf8)
    }
    return block
  }

  /// Sends a request, lets both sides talk, and returns what came back so far.
  @discardableResult
  func send(
    _ headers: HeaderBlock, _ body: [UInt8], end: Session.BodyEnd = .endStream
  ) throws -> StreamID {
    let stream = try client.submitRequest(headers, body: body, end: end)
    responses[stream] = Response()
    try exchange()
    return stream
  }

  func response(_ stream: StreamID) -> Response { responses[stream] ?? Response() }

  /// Lets time pass.
  func wait(_ nanoseconds: UInt64) throws {
    now += nanoseconds
    server.wake(now: now)
    try exchange()
  }

  func takeEvents() {
    while let event = server.nextEvent() { serverEvents.append(event) }
    while let event = client.nextEvent() {
      switch event {
      case .headers(let stream, let block, .response, _):
        responses[stream]?.headers = block.copied()
      case .headers(let stream, let block, .trailers, _):
        responses[stream]?.trailers = block.copied()
      case .data(let stream, let bytes):
        responses[stream]?.body += bytes
        client.consume(bytes.count, stream: stream)
      case .closed(let stream, let code, _):
        responses[stream]?.closed = code
      default: break
      }
    }
  }

  /// The last unary request that was delivered.
  var delivered: (id: CallID, head: RequestHead, message: [UInt8])? {
    for event in serverEvents.reversed() {
      if case .unary(let id, let head, let message) = event { return (id, head, message) }
    }
    return nil
  }

  var cancellations: [Cancellation] {
    serverEvents.compactMap { if case .cancelled(_, let reason) = $0 { reason } else { nil } }
  }
}
