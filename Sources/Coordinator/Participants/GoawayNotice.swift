import NIOCore
import NIOHTTP2

/// Tells a stream that a GOAWAY left unprocessed (RFC 9113, section 6.8) from one that the server
/// reset: NIO closes both with CANCEL, and only before the second comes a frame RST_STREAM.
final class GoawayNotice: ChannelInboundHandler {
  typealias InboundIn = HTTP2Frame.FramePayload
  typealias InboundOut = HTTP2Frame.FramePayload

  /// The server has not processed the request, and will not.
  struct Unprocessed: Error {}

  private var wasReset = false

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    if case .rstStream = Self.unwrapInboundIn(data) { wasReset = true }
    context.fireChannelRead(data)
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    if !wasReset, (error as? NIOHTTP2Errors.StreamClosed)?.errorCode == .cancel {
      context.fireErrorCaught(Unprocessed())
    } else {
      context.fireErrorCaught(error)
    }
  }

  /// Puts itself in front of what else a stream's channel has.
  static func watch(_ stream: any Channel) -> EventLoopFuture<Void> {
    stream.eventLoop.makeCompletedFuture {
      try stream.pipeline.syncOperations.addHandler(GoawayNotice(), position: .first)
    }
  }
}
