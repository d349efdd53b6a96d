import NIOCore
import NIOHTTP1

/// Keeps back a reply over HTTP/1.1 with a status below 100: the client takes its head for the
/// promise of another one, and traps on the body or the end that follows.
final class HTTP1ReplyGuard: ChannelInboundHandler {
  typealias InboundIn = HTTPClientResponsePart
  typealias InboundOut = HTTPClientResponsePart

  /// The connection is of no more use; the client closes it.
  private var hasRefused = false

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    if hasRefused { return }
    if case .head(let head) = Self.unwrapInboundIn(data), head.status.code < 100 {
      hasRefused = true
      let digits = String(head.status.code)
      let text = String(repeating: "0", count: max(0, 3 - digits.count)) + digits
      return context.fireErrorCaught(UnusableReply(status: text))
    }
    context.fireChannelRead(data)
  }

  /// Puts one between the parser of a connection and the client.
  static func add(to connection: any Channel) -> EventLoopFuture<Void> {
    connection.eventLoop.makeCompletedFuture {
      let pipeline = connection.pipeline.syncOperations
      let parser = try pipeline.handler(type: ByteToMessageHandler<HTTPResponseDecoder>.self)
      try pipeline.addHandler(HTTP1ReplyGuard(), position: .after(parser))
    }
  }
}
