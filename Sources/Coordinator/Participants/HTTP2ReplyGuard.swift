import NIOCore
import NIOHTTP2

/// Stands in front of what else a stream over HTTP/2 has, and sees its frames before the client.
///
/// It keeps back a reply without a usable status: NIO and the client trap on an empty one, on one
/// below 100, and on a second head behind one that they take for final. And it tells a stream that
/// a GOAWAY left unprocessed (RFC 9113, section 6.8) from one that the server reset: NIO closes
/// both with CANCEL, and only before the second comes a frame RST_STREAM.
final class HTTP2ReplyGuard: ChannelInboundHandler {
  typealias InboundIn = HTTP2Frame.FramePayload
  typealias InboundOut = HTTP2Frame.FramePayload

  /// The server has not processed the request, and will not.
  struct Unprocessed: Error {}

  private enum Reply {
    /// No head but those of status 1xx.
    case awaited
    case begun
    /// The rest of it is of no use.
    case refused
  }

  private var reply = Reply.awaited
  private var wasReset = false

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch Self.unwrapInboundIn(data) {
    case .rstStream: wasReset = true
    case .headers(let frame) where reply == .awaited:
      let text = frame.headers.first { $0.name == ":status" }?.value ?? ""
      guard let status = Self.status(text), !(status < 200 && frame.endStream) else {
        reply = .refused
        return context.fireErrorCaught(ReplyWithoutStatus(text))
      }
      if status >= 200 { reply = .begun }
    default: break
    }
    if reply == .refused { return }
    context.fireChannelRead(data)
  }

  /// Three digits, from 100; 101 does not exist in HTTP/2 (RFC 9113, sections 8.3.2 and 8.6).
  private static func status(_ text: String) -> Int? {
    guard text.utf8.count == 3,
      text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
      let status = Int(text), status >= 100, status != 101
    else { return nil }
    return status
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    if !wasReset, (error as? NIOHTTP2Errors.StreamClosed)?.errorCode == .cancel {
      context.fireErrorCaught(Unprocessed())
    } else {
      context.fireErrorCaught(error)
    }
  }

  /// Puts one in front of what else a stream's channel has.
  static func add(to stream: any Channel) -> EventLoopFuture<Void> {
    stream.eventLoop.makeCompletedFuture {
      try stream.pipeline.syncOperations.addHandler(HTTP2ReplyGuard(), position: .first)
    }
  }
}
