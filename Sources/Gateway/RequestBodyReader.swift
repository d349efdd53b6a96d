import HTTPTypes
import HummingbirdCore
import NIOCore

/// Reads the body of one request. Hummingbird traps where a body is gone through twice, so whatever reads of it goes on here.
final class RequestBodyReader {
  /// Bytes and time for what a caller still sends who was turned away, so that it comes to read the answer.
  private static let lingerBytesMax = 1 << 20
  private static let lingerTimeout = TimeAmount.seconds(2)

  private let request: Request
  private let bytesMax: Int
  private var iterator: RequestBody.AsyncIterator?
  private var isTooLarge = false

  init(_ request: Request, bytesMax: Int) {
    self.request = request
    self.bytesMax = bytesMax
  }

  /// Whether the rest of the body may be waited for, so that the connection can take another request.
  var isAcceptable: Bool {
    if isTooLarge { return false }
    if let length = request.headers[.contentLength] {
      return Int(length).map { $0 <= bytesMax } ?? false
    }
    return request.headers[.transferEncoding] == nil
  }

  private func next() async throws -> ByteBuffer? {
    var current = iterator ?? request.body.makeAsyncIterator()
    defer { iterator = current }
    return try await current.next()
  }

  /// The whole body; nil: it is too large.
  func bytes(_ channel: any Channel) async throws -> [UInt8]? {
    if let length = request.headers[.contentLength], Int(length) ?? .max > bytesMax {
      return nil
    }
    let overdue = channel.eventLoop.scheduleTask(in: Gateway.bodyTimeout) {
      channel.close(promise: nil)
    }
    defer { overdue.cancel() }
    var bytes: [UInt8] = []
    while let part = try await next() {
      guard bytes.count + part.readableBytes <= bytesMax else {
        isTooLarge = true
        return nil
      }
      bytes.append(contentsOf: part.readableBytesView)
    }
    return bytes
  }

  /// Takes some of what still comes, for a moment.
  func linger(_ channel: any Channel) async {
    let overdue = channel.eventLoop.scheduleTask(in: Self.lingerTimeout) {
      channel.close(promise: nil)
    }
    defer { overdue.cancel() }
    var left = Self.lingerBytesMax
    while left > 0, let part = try? await next() { left -= part.readableBytes }
  }
}
