import HTTP2

@testable import GRPC

/// A client's session, and a bare HTTP/2 server that can answer anything. No sockets, and time is a
/// number.
final class ClientWire: Wire {
  let client: ClientSession
  let server: Session
  var now: UInt64 = 1_000_000_000
  private(set) var replies: [CallID: ClientReply] = [:]
  private(set) var events: [ClientEvent] = []
  private(set) var requests: [StreamID: HeaderBlock] = [:]
  private(set) var closed: [StreamID: ErrorCode] = [:]
  private(set) var bodies: [StreamID: [UInt8]] = [:]

  init(limits: ClientLimits = ClientLimits(), server serverLimits: Limits = Limits()) throws {
    client = try ClientSession(limits: limits, now: now)
    server = try Session(role: .server, limits: serverLimits)
    try exchange()
  }

  /// Starts a unary call (message) or a streaming one (nil), and lets both sides talk.
  func start(
    message: [UInt8]? = [1], replyBytesMax: Int = 1_000, metadata: Metadata = Metadata(),
    timeout: UInt64? = nil
  ) throws -> CallID {
    let id = try client.start(
      RequestHeaders(path: "/t.S/M", authority: "a:1", metadata: metadata, timeout: timeout),
      message: message, replyBytesMax: replyBytesMax)
    try exchange()
    return id
  }

  /// Answers with headers, a body and trailers (nil: END_STREAM without).
  func answer(
    _ id: StreamID, headers: [(String, String)] = good, body: [UInt8] = [],
    trailers: [(String, String)]? = [("grpc-status", "0")]
  ) throws {
    server.submitResponse(
      stream: id, Self.block(headers), body: body,
      end: trailers.map { .trailers(Self.block($0)) } ?? .endStream)
    try exchange()
  }

  /// Answers with headers alone.
  func answerOnly(_ id: StreamID, headers: [(String, String)]) throws {
    server.submitResponse(stream: id, Self.block(headers), body: nil, end: .endStream)
    try exchange()
  }

  static let good = [(":status", "200"), ("content-type", "application/grpc")]

  static func block(_ fields: [(String, String)]) -> HeaderBlock {
    var block = HeaderBlock()
    for (name, value) in fields {
      block.append(name: name.utf8, value: value.utf8)
    }
    return block
  }

  func takeEvents() {
    while let event = client.nextEvent() {
      events.append(event)
      if case .ended(let id, let reply) = event {
        precondition(replies[id] == nil, "a call ended twice")
        replies[id] = reply
      }
    }
    while let event = server.nextEvent() {
      switch event {
      case .headers(let stream, let block, .request, _): requests[stream] = block.copied()
      case .data(let stream, let bytes):
        bodies[stream, default: []] += bytes
        server.consume(bytes.count, stream: stream)
      case .closed(let stream, let code, _): closed[stream] = code
      default: break
      }
    }
  }
}
