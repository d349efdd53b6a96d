import GRPC
import HTTPTypes
import HummingbirdCore
import NIOCore
import ProtoJSON
import Transport

/// A method that gives any number of responses, as server-sent events (HTML, section 9.2): one for
/// each response; `event: error` where it ends with another status than OK.
struct EventStream: Sendable {
  /// What happens on a stream.
  private enum Part: Sendable {
    case event(LocalCall.Event)
    case heartbeat
  }

  private let entry: RouteTable.Entry
  private let request: LocalCall.Request
  private let exchange: Exchange
  private let channel: any Channel
  private let connection: GatewayConnection?

  init(
    _ entry: RouteTable.Entry, _ request: LocalCall.Request, _ exchange: Exchange,
    _ channel: any Channel, _ connection: GatewayConnection?
  ) {
    self.entry = entry
    self.request = request
    self.exchange = exchange
    self.channel = channel
    self.connection = connection
  }

  /// The answer begins with the first response: what fails before it is told by the HTTP status, as
  /// everywhere else.
  func response() async -> Response {
    let (parts, continuation) = AsyncStream<Part>.makeStream()
    let call = LocalCall.begin(request, to: exchange.router, on: channel.eventLoop) { event in
      continuation.yield(.event(event))
      if case .end = event { continuation.finish() }
    }
    connection?.serve(call)
    var iterator = parts.makeAsyncIterator()
    guard case .event(let first)? = await iterator.next() else {
      return exchange.error(Status(.internal, "the stream ended without a word"))
    }
    if case .end(let status) = first, status.code != .ok { return exchange.error(status) }
    return Response(
      status: .ok, headers: [.contentType: "text/event-stream", .cacheControl: "no-store"],
      body: ResponseBody { writer in
        connection?.serve(call)
        let heartbeat = channel.eventLoop.scheduleRepeatedTask(
          initialDelay: exchange.limits.heartbeatInterval, delay: exchange.limits.heartbeatInterval
        ) { _ in
          continuation.yield(.heartbeat)
        }
        defer {
          heartbeat.cancel()
          call.cancel()
          connection?.serve(nil)
        }
        try await write(first, call, to: &writer)
        for await part in parts {
          switch part {
          case .event(let event): try await write(event, call, to: &writer)
          case .heartbeat: try await writer.write(ByteBuffer(string: ":\n\n"))
          }
        }
        try await writer.finish(nil)
      })
  }

  private func write(
    _ event: LocalCall.Event, _ call: LocalCall, to writer: inout any ResponseBodyWriter
  ) async throws {
    switch event {
    case .message(let bytes):
      do {
        let json = try exchange.mapping.document(of: bytes, as: entry.method.output)
        try await writer.write(Self.text(entry.route.event, json))
      } catch let error as JSONMappingError {
        let status = Status(.internal, "the answer has no form in JSON: \(error)")
        try await writer.write(
          Self.text("error", ErrorBody(mapping: exchange.mapping).json(status)))
        call.cancel()
      }
      call.took()
    case .end(let status):
      // A caller who was cancelled is not there any more.
      if status.code == .ok || status.code == .cancelled { return }
      try await writer.write(Self.text("error", ErrorBody(mapping: exchange.mapping).json(status)))
    }
  }

  /// The document is one line: its writer escapes what would end it.
  private static func text(_ event: String, _ json: JSONValue) -> ByteBuffer {
    ByteBuffer(string: "event: \(event)\ndata: \(json.text)\n\n")
  }
}
