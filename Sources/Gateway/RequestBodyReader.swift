import HTTPTypes
import HummingbirdCore
import NIOConcurrencyHelpers
import NIOCore

/// Reads the body of one request. Hummingbird traps where a body is gone through twice, so whatever
/// reads of it goes on here.
final class RequestBodyReader {
  /// What a body came to.
  enum Content {
    case bytes([UInt8])
    case tooLarge
    /// There is no room for it now.
    case turnedAway
  }

  /// Bytes and time for what a caller still sends who was turned away, so that it comes to read the
  /// answer.
  private static let lingerBytesMax = 1 << 20
  private static let lingerTimeout = TimeAmount.seconds(2)

  private let request: Request
  private let limits: Gateway.Configuration
  private let budget: BodyBudget
  private var iterator: RequestBody.AsyncIterator?
  private var takenBytes = 0
  private var isCutOff = false

  init(_ request: Request, limits: Gateway.Configuration, budget: BodyBudget) {
    self.request = request
    self.limits = limits
    self.budget = budget
  }

  /// Whether the rest of the body may be waited for, so that the connection can take another
  /// request.
  var isAcceptable: Bool {
    if isCutOff { return false }
    return mayCome && request.headers[.transferEncoding] == nil
  }

  /// Whether a caller who asks first may send the body: its head does not say that it is too long.
  var mayCome: Bool {
    guard let length = request.headers[.contentLength] else { return true }
    return Int(length).map { $0 <= limits.bodyBytesMax } ?? false
  }

  private func next() async throws -> ByteBuffer? {
    var current = iterator ?? request.body.makeAsyncIterator()
    defer { iterator = current }
    return try await current.next()
  }

  /// The whole body, or why not.
  func read(_ channel: any Channel) async throws -> Content {
    if !mayCome { return .tooLarge }
    let overdue = channel.eventLoop.scheduleTask(in: limits.bodyTimeout) {
      channel.close(promise: nil)
    }
    defer { overdue.cancel() }
    var bytes: [UInt8] = []
    while let part = try await next() {
      guard bytes.count + part.readableBytes <= limits.bodyBytesMax else {
        isCutOff = true
        return .tooLarge
      }
      guard budget.take(part.readableBytes) else {
        isCutOff = true
        return .turnedAway
      }
      takenBytes += part.readableBytes
      bytes.append(contentsOf: part.readableBytesView)
    }
    return .bytes(bytes)
  }

  /// The request has been answered.
  func release() {
    budget.give(takenBytes)
    takenBytes = 0
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

/// Bytes of bodies that all requests hold together.
final class BodyBudget: Sendable {
  private let left: NIOLockedValueBox<Int>

  init(_ bytesMax: Int) {
    left = NIOLockedValueBox(bytesMax)
  }

  /// False, and nothing taken, where there is not so much left.
  func take(_ bytes: Int) -> Bool {
    left.withLockedValue { left in
      guard left >= bytes else { return false }
      left -= bytes
      return true
    }
  }

  func give(_ bytes: Int) {
    left.withLockedValue { $0 += bytes }
  }
}
