import NIOCore
import NIOHTTP2

/// Stands in front of what else a stream over HTTP/2 has, and sees its frames before the client.
///
/// - It keeps back a reply without a usable status: NIO and the client trap on an empty one, on one
///   below 100, and on a second head behind one that they take for final.
/// - It keeps a reply until the request has been written: the client forgets a request whose reply
///   has ended, and traps where the stream fails with the request half written. It ends a stream
///   whose reply came so early that the request waits to be sent: the client leaves it open.
/// - It tells a stream that a GOAWAY left unprocessed (RFC 9113, section 6.8) from one that the
///   server reset: NIO closes both with CANCEL, and only before the second comes a frame RST_STREAM.
final class HTTP2ReplyGuard: ChannelDuplexHandler {
  typealias InboundIn = HTTP2Frame.FramePayload
  typealias InboundOut = HTTP2Frame.FramePayload
  typealias OutboundIn = HTTP2Frame.FramePayload
  typealias OutboundOut = HTTP2Frame.FramePayload

  /// The server has not processed the request, and will not.
  struct Unprocessed: Error {}

  private enum Request {
    case beingWritten
    /// Its end waits to be sent, or is on its way.
    case written
    case sent
  }

  private enum Reply {
    /// No head but those of status 1xx.
    case awaited
    case begun
    /// The rest of it is of no use.
    case refused
  }

  /// Frames of a reply that are kept for a request that is still being written.
  private static let heldMax = 256

  private var request = Request.beingWritten
  private var reply = Reply.awaited
  private var held: [HTTP2Frame.FramePayload] = []
  private var wasReset = false

  // MARK: the reply

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    let frame = Self.unwrapInboundIn(data)
    if case .rstStream = frame { wasReset = true }
    guard request == .beingWritten || !held.isEmpty else { return take(frame, context) }
    guard held.count < Self.heldMax else { return refuse(UnusableReply.tooEarly, context) }
    held.append(frame)
  }

  private func take(_ frame: HTTP2Frame.FramePayload, _ context: ChannelHandlerContext) {
    var isEnd = false
    switch frame {
    case .headers(let headers):
      isEnd = headers.endStream
      guard reply == .awaited else { break }
      let text = headers.headers.first { $0.name == ":status" }?.value ?? ""
      guard let status = Self.status(text), !(status < 200 && isEnd) else {
        return refuse(UnusableReply(status: text), context)
      }
      if status >= 200 { reply = .begun }
    case .data(let data): isEnd = data.endStream
    default: break
    }
    if reply == .refused { return }
    context.fireChannelRead(Self.wrapInboundOut(frame))
    if isEnd, request != .sent { context.close(promise: nil) }
  }

  private func refuse(_ error: any Error, _ context: ChannelHandlerContext) {
    if reply == .refused { return }
    reply = .refused
    held = []
    context.fireErrorCaught(error)
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

  func channelInactive(context: ChannelHandlerContext) {
    held = []
    context.fireChannelInactive()
  }

  // MARK: the request

  func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
    let isEnd =
      switch Self.unwrapOutboundIn(data) {
      case .headers(let frame): frame.endStream
      case .data(let frame): frame.endStream
      default: false
      }
    guard isEnd else { return context.write(data, promise: promise) }
    request = .written
    let sent = promise ?? context.eventLoop.makePromise()
    sent.futureResult.assumeIsolated().whenSuccess { self.request = .sent }
    context.write(data, promise: sent)
    guard !held.isEmpty else { return }
    // The client is in the middle of writing.
    context.eventLoop.assumeIsolated().execute { self.release(context) }
  }

  private func release(_ context: ChannelHandlerContext) {
    let frames = held
    held = []
    for frame in frames { take(frame, context) }
    context.fireChannelReadComplete()
  }

  /// Puts one in front of what else a stream's channel has.
  static func add(to stream: any Channel) -> EventLoopFuture<Void> {
    stream.eventLoop.makeCompletedFuture {
      try stream.pipeline.syncOperations.addHandler(HTTP2ReplyGuard(), position: .first)
    }
  }
}
