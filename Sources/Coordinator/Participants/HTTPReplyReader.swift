import AsyncHTTPClient
import NIOCore
import NIOHTTP1

/// Follows one attempt, and keeps of its reply what will be needed, not what the server sends.
final class HTTPReplyReader: HTTPClientResponseDelegate {
  /// How far an attempt came.
  enum Progress: Equatable, Sendable {
    /// Its head has not been written: no server knows of it.
    case waiting
    case sent
    /// The head of the reply is here.
    case answered
  }

  /// The body is longer than what is read of one.
  struct ReplyTooLong: Error {
    var bytesMax: Int
  }

  private struct State {
    var progress = Progress.waiting
    var reply = HTTPReply(status: 0)
    /// Its body is a reply, which is kept whole or not at all; else it is quoted.
    var isDone = false
    var bytesRead = 0
    var keptMax = 0
  }

  private let state: NIOLoopBoundBox<State>
  /// Statuses that mean done beside 2xx.
  private let alsoDoneOn: [Int32]
  /// Of a reply that is done, in bytes.
  private let keptBytesMax: Int
  private let readBytesMax: Int

  /// - Parameter eventLoop: where the attempt runs, and everything here is called
  init(eventLoop: any EventLoop, alsoDoneOn: [Int32], keptBytesMax: Int, readBytesMax: Int) {
    state = NIOLoopBoundBox(State(), eventLoop: eventLoop)
    self.alsoDoneOn = alsoDoneOn
    self.keptBytesMax = keptBytesMax
    self.readBytesMax = readBytesMax
  }

  var progress: Progress { state.value.progress }

  func didSendRequestHead(task: HTTPClient.Task<HTTPReply>, _ head: HTTPRequestHead) {
    state.value.progress = .sent
  }

  func didReceiveHead(
    task: HTTPClient.Task<HTTPReply>, _ head: HTTPResponseHead
  ) -> EventLoopFuture<Void> {
    state.value.progress = .answered
    state.value.reply = HTTPReply(
      status: Int(head.status.code), reason: head.status.reasonPhrase,
      retryAfter: head.headers.first(name: "retry-after"),
      contentType: head.headers.first(name: "content-type"))
    state.value.isDone = state.value.reply.isDone(alsoOn: alsoDoneOn)
    state.value.keptMax = state.value.isDone ? keptBytesMax : HTTPReply.quotedBytesMax
    if let text = head.headers.first(name: "content-length"), let length = Int(text),
      length > readBytesMax
    {
      return task.eventLoop.makeFailedFuture(ReplyTooLong(bytesMax: readBytesMax))
    }
    return task.eventLoop.makeSucceededVoidFuture()
  }

  func didReceiveBodyPart(
    task: HTTPClient.Task<HTTPReply>, _ buffer: ByteBuffer
  ) -> EventLoopFuture<Void> {
    state.value.bytesRead += buffer.readableBytes
    guard state.value.bytesRead <= readBytesMax else {
      return task.eventLoop.makeFailedFuture(ReplyTooLong(bytesMax: readBytesMax))
    }
    keep(buffer)
    return task.eventLoop.makeSucceededVoidFuture()
  }

  private func keep(_ buffer: ByteBuffer) {
    guard !state.value.reply.isCut else { return }
    let room = state.value.keptMax - state.value.reply.body.count
    if buffer.readableBytes <= room {
      state.value.reply.body.append(contentsOf: buffer.readableBytesView)
    } else if state.value.isDone {
      // A part of a reply is of no use to anyone.
      state.value.reply.isCut = true
      state.value.reply.body = []
    } else {
      state.value.reply.isCut = true
      state.value.reply.body.append(contentsOf: buffer.readableBytesView.prefix(room))
    }
  }

  func didFinishRequest(task: HTTPClient.Task<HTTPReply>) throws -> HTTPReply {
    state.value.reply
  }
}
