import GRPC
import HTTPTypes
import HummingbirdCore
import Messages
import NIOCore
import ProtoJSON
import Transport

/// Answers one HTTP request.
struct Exchange: Sendable {
  let table: RouteTable
  let reader: RequestReader
  let mapping: JSONMapping
  let router: Transport.Router
  let limits: Gateway.Configuration
  let bodies: BodyBudget
  let openAPI: [UInt8]

  /// What becomes of the connection behind an answer.
  private struct Answer {
    var response: Response
    /// The request's body has been read, or has not to be.
    var bodyIsDone = true
  }

  func answer(
    _ request: Request, _ writer: consuming ResponseWriter, _ channel: any Channel,
    _ connection: GatewayConnection?
  ) async throws {
    let body = RequestBodyReader(request, limits: limits, budget: bodies)
    defer { body.release() }
    if request.headers[.expect]?.lowercased() == "100-continue", body.mayCome {
      try await writer.writeInformationalHead(HTTPResponse(status: .continue))
    }
    var answer = try await answer(to: request, body, channel, connection)
    connection?.serve(nil)
    let closes = !answer.bodyIsDone && !body.isAcceptable
    if closes { answer.response.headers[.connection] = "close" }
    if request.method == .head { answer.response = answer.response.createHeadResponse() }
    try await writer.write(response: answer.response.head, body: answer.response.body)
    if closes {
      await body.linger(channel)
      throw ChannelError.eof
    }
  }

  private func answer(
    to request: Request, _ body: RequestBodyReader, _ channel: any Channel,
    _ connection: GatewayConnection?
  ) async throws -> Answer {
    if isFromAnotherSite(request) {
      let text = "the request comes from a page of another site, by its header Origin"
      return Answer(response: error(Status(.permissionDenied, text)), bodyIsDone: false)
    }
    let target = request.head.path ?? ""
    let end = target.firstIndex(of: "?") ?? target.endIndex
    let query = end == target.endIndex ? nil : target[target.index(after: end)...]
    switch table.match(request.method, target[..<end]) {
    case .nothing: return Answer(response: fixed(request, target[..<end]), bodyIsDone: false)
    case .otherMethod(let methods):
      return Answer(response: otherMethod(request, methods), bodyIsDone: false)
    case .route(let entry, let fields):
      // A GET with a body is one without: what it says has no meaning.
      let content: [UInt8]
      switch entry.route.hasBody ? try await body.read(channel) : .bytes([]) {
      case .bytes(let bytes): content = bytes
      case .tooLarge:
        let text = "the body has more than \(limits.bodyBytesMax) bytes"
        return Answer(
          response: error(Status(.resourceExhausted, text), as: .contentTooLarge),
          bodyIsDone: false)
      case .turnedAway:
        let text = "too many bytes of requests are under way; nothing was done, ask again"
        return Answer(
          response: error(
            Status(.resourceExhausted, text, metadata: ["grpc-retry-pushback-ms": "1000"])),
          bodyIsDone: false)
      }
      do throws(Status) {
        if let refusal = contentRefusal(request, content) { return Answer(response: refusal) }
        let message = try reader.message(entry, fields: fields, query: query, body: content)
        var call = LocalCall.Request(
          path: entry.route.rpc, message: message,
          peer: channel.remoteAddress.map { "\($0)" } ?? "unknown")
        call.deadline = try deadline(request)
        return Answer(
          response: entry.method.isServerStreaming
            ? await EventStream(entry, call, self, channel, connection).response()
            : await unary(entry, call, channel, connection),
          bodyIsDone: entry.route.hasBody)
      } catch {
        return Answer(response: self.error(error))
      }
    }
  }

  // MARK: the request

  /// A browser sends what any page asks it to, to loopback too, and says whose page it was. What
  /// has no body needs no leave for that, and a Commit has none.
  private func isFromAnotherSite(_ request: Request) -> Bool {
    guard let name = HTTPField.Name("Origin"), let origin = request.headers[name] else {
      return false
    }
    let host = origin.split(separator: "//", maxSplits: 1).last ?? ""
    return host.lowercased() != request.head.authority?.lowercased()
  }

  private func contentRefusal(_ request: Request, _ body: [UInt8]) -> Response? {
    if body.isEmpty { return nil }
    let type = request.headers[.contentType] ?? ""
    let parts = type.lowercased().split(separator: ";").map { $0.filter { $0 != " " } }
    let isJSON =
      parts.first == "application/json"
      && parts.dropFirst().allSatisfy { $0 == "charset=utf-8" || $0 == "charset=\"utf-8\"" }
    if isJSON, request.headers[.contentEncoding] ?? "identity" == "identity" { return nil }
    return error(
      Status(
        .invalidArgument,
        "the body has to be JSON and say so, by the header Content-Type: application/json"),
      as: .unsupportedMediaType)
  }

  /// `Request-Timeout`: how long the caller waits, in seconds.
  private func deadline(_ request: Request) throws(Status) -> NIODeadline? {
    guard let name = HTTPField.Name("Request-Timeout"), let text = request.headers[name] else {
      return nil
    }
    guard let seconds = Double(text), seconds > 0, seconds <= 1_000_000,
      text.utf8.allSatisfy({ $0 == UInt8(ascii: ".") || $0 &- UInt8(ascii: "0") < 10 })
    else {
      throw .refused("Request-Timeout", "is no number of seconds; write 30 or 0.5, say")
    }
    return .now() + .nanoseconds(Int64(seconds * 1_000_000_000))
  }

  // MARK: the answer

  private func unary(
    _ entry: RouteTable.Entry, _ request: LocalCall.Request, _ channel: any Channel,
    _ connection: GatewayConnection?
  ) async -> Response {
    let (events, continuation) = AsyncStream<LocalCall.Event>.makeStream()
    let call = LocalCall.begin(request, to: router, on: channel.eventLoop) { event in
      continuation.yield(event)
      if case .end = event { continuation.finish() }
    }
    connection?.serve(call)
    var reply: [UInt8] = []
    for await event in events {
      switch event {
      case .message(let bytes): reply = bytes
      case .end(let status):
        return status.code == .ok ? success(reply, entry.method.output) : error(status)
      }
    }
    return error(Status(.internal, "the call ended without a word"))
  }

  private func success(_ bytes: [UInt8], _ message: String) -> Response {
    do {
      return json(.ok, try mapping.document(of: bytes, as: message).bytes)
    } catch {
      return self.error(Status(.internal, "the answer has no form in JSON: \(error)"))
    }
  }

  /// - Parameter http: where the status would be told by another one than the usual
  func error(_ status: Status, as http: HTTPResponse.Status? = nil) -> Response {
    let body = ErrorBody(mapping: mapping)
    var response = json(http ?? status.code.http, body.json(status).bytes)
    if let seconds = ErrorBody.retryAfterSeconds(status) {
      response.headers[.retryAfter] = String(seconds)
    }
    return response
  }

  private func json(_ status: HTTPResponse.Status, _ bytes: [UInt8]) -> Response {
    Response(
      status: status, headers: [.contentType: "application/json"],
      body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
  }

  // MARK: what is no route

  private func fixed(_ request: Request, _ path: Substring) -> Response {
    let body: [UInt8]
    switch path {
    case "/": body = JSONValue.object([JSONValue.Member("openapi", .string("/openapi.json"))]).bytes
    case "/openapi.json": body = openAPI
    default:
      return error(
        Status(
          .notFound,
          "there is nothing at this path; /openapi.json says what there is. A / inside an id is written %2F"
        ))
    }
    return request.method == .get ? json(.ok, body) : otherMethod(request, [.get])
  }

  private func otherMethod(_ request: Request, _ methods: [HTTPRequest.Method]) -> Response {
    let names = methods.map(\.rawValue).joined(separator: ", ")
    var response = error(
      Status(.unimplemented, "\(request.method.rawValue) is not served here, but \(names)"),
      as: .methodNotAllowed)
    response.headers[.allow] = names
    return response
  }
}
