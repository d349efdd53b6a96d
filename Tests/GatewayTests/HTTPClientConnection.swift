import NIOCore
import NIOPosix

/// A connection that says what it is told to, byte by byte, and remembers what comes.
final class HTTPClientConnection: ChannelInboundHandler, @unchecked Sendable {
  typealias InboundIn = ByteBuffer

  private let (chunks, continuation) = AsyncStream<String>.makeStream()
  private var received = ""
  private var channel: (any Channel)?

  static func open(_ port: Int) async throws -> HTTPClientConnection {
    let connection = HTTPClientConnection()
    connection.channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .channelOption(.allowRemoteHalfClosure, value: true)
      .channelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandler(connection)
        }
      }
      .connect(host: "127.0.0.1", port: port).get()
    return connection
  }

  func send(_ text: String) async throws {
    try await channel?.writeAndFlush(ByteBuffer(string: text.replacing("\n", with: "\r\n"))).get()
  }

  /// A request with a body, on a connection that stays.
  func request(_ line: String, _ body: String = "", headers: String = "") async throws {
    let type = body.isEmpty ? "" : "Content-Type: application/json\n"
    try await send(
      "\(line) HTTP/1.1\nHost: test\n\(headers)\(type)Content-Length: \(body.utf8.count)\n\n\(body)"
    )
  }

  /// Waits until the text has come; returns all up to its end and forgets it.
  func text(upTo end: String) async throws -> String {
    if let range = received.firstRange(of: end) {
      defer { received = String(received[range.upperBound...]) }
      return String(received[..<range.upperBound])
    }
    for await chunk in chunks {
      received += chunk
      if let range = received.firstRange(of: end) {
        defer { received = String(received[range.upperBound...]) }
        return String(received[..<range.upperBound])
      }
    }
    throw Closed(received: received)
  }

  /// All that comes until the server closes.
  func textUpToClose() async -> String {
    for await chunk in chunks { received += chunk }
    return received
  }

  struct Closed: Error {
    let received: String
  }

  func close() async throws {
    try await channel?.close().get()
  }

  func shutDownOutput() async throws {
    try await channel?.close(mode: .output).get()
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    let buffer = Self.unwrapInboundIn(data)
    continuation.yield(
      String(decoding: buffer.readableBytesView, as: UTF8.self).replacing("\r\n", with: "\n"))
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    if let event = event as? ChannelEvent, event == .inputClosed { context.close(promise: nil) }
  }

  func channelInactive(context: ChannelHandlerContext) { continuation.finish() }

  func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
