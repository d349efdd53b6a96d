import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization

/// The same participants over HTTP/1.1: `POST /Try` and the others.
final class WebParticipants: Sendable {
  private let group: any EventLoopGroup
  private let delay: TimeAmount
  private let called: @Sendable () -> Void
  private let listener = Mutex<(any Channel)?>(nil)

  /// - Parameter called: told of every call
  init(delay: TimeAmount, group: any EventLoopGroup, called: @escaping @Sendable () -> Void) {
    self.group = group
    self.delay = delay
    self.called = called
  }

  /// Listens; returns the URL with its real port, without a path.
  func start(host: String, port: Int) async throws -> String {
    let (delay, called) = (delay, called)
    let channel = try await ServerBootstrap(group: group)
      .serverChannelOption(.backlog, value: 4_096)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          let pipeline = channel.pipeline.syncOperations
          try pipeline.configureHTTPServerPipeline(
            withPipeliningAssistance: false, withErrorHandling: false)
          try pipeline.addHandler(WebAnswers(delay: delay, called: called))
        }
      }
      .bind(host: host, port: port).get()
    listener.withLock { $0 = channel }
    guard let address = channel.localAddress, let ip = address.ipAddress, let port = address.port
    else { throw ChannelError.unknownLocalAddress }
    return "http://" + (ip.utf8.contains(UInt8(ascii: ":")) ? "[\(ip)]" : ip) + ":\(port)"
  }

  /// Takes no more connections; those that are open end with their event loops.
  func stop() async {
    try? await listener.withLock { $0 }?.close().get()
  }
}

/// Answers the requests of one connection.
private final class WebAnswers: ChannelInboundHandler {
  typealias InboundIn = HTTPServerRequestPart
  typealias OutboundOut = HTTPServerResponsePart

  private static let refusal = ParticipantMethod.refuse.webPath
  private static let nothing: HTTPHeaders = ["content-length": "0"]

  private let delay: TimeAmount
  private let called: @Sendable () -> Void
  private var status = HTTPResponseStatus.ok

  init(delay: TimeAmount, called: @escaping @Sendable () -> Void) {
    self.delay = delay
    self.called = called
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch Self.unwrapInboundIn(data) {
    case .head(let head): status = head.uri == Self.refusal ? .conflict : .ok
    case .body: break
    case .end:
      called()
      guard delay > .zero else { return answer(context) }
      // The next request of this connection comes after the answer to this one.
      let loopBound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
      context.eventLoop.scheduleTask(in: delay) {
        let (answers, context) = loopBound.value
        answers.answer(context)
      }
    }
  }

  private func answer(_ context: ChannelHandlerContext) {
    let head = HTTPResponseHead(version: .http1_1, status: status, headers: Self.nothing)
    context.write(Self.wrapOutboundOut(.head(head)), promise: nil)
    context.writeAndFlush(Self.wrapOutboundOut(.end(nil)), promise: nil)
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    context.close(promise: nil)
  }
}
