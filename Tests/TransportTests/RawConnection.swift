import NIOConcurrencyHelpers
import NIOCore
import NIOPosix
import Testing

@testable import GRPC
@testable import Transport

/// A frame of HTTP/2, made and read by hand: attackers do not use libraries.
struct Frame: Equatable {
  enum Kind: UInt8 {
    case data, headers, priority, resetStream, settings, pushPromise, ping, goAway, windowUpdate
    case continuation
  }

  var kind: UInt8
  var flags: UInt8 = 0
  var stream: UInt32 = 0
  var payload: [UInt8] = []

  init(_ kind: Kind, flags: UInt8 = 0, stream: UInt32 = 0, _ payload: [UInt8] = []) {
    self.kind = kind.rawValue
    self.flags = flags
    self.stream = stream
    self.payload = payload
  }

  static let endStream: UInt8 = 1
  static let acknowledgement: UInt8 = 1
  static let endHeaders: UInt8 = 4

  static let preface = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8)

  var bytes: [UInt8] {
    let length = UInt32(payload.count)
    return Self.number(length, bytes: 3) + [kind, flags] + Self.number(stream, bytes: 4) + payload
  }

  static func number(_ value: UInt32, bytes: Int) -> [UInt8] {
    (0..<bytes).reversed().map { UInt8(truncatingIfNeeded: value >> UInt32(8 * $0)) }
  }

  /// A field as a literal that is not indexed (RFC 7541, section 6.2.2).
  static func field(_ name: String, _ value: String) -> [UInt8] {
    [0] + Self.string(name) + Self.string(value)
  }

  static func string(_ text: String) -> [UInt8] {
    let bytes = Array(text.utf8)
    precondition(bytes.count < 16_000)
    if bytes.count < 127 { return [UInt8(bytes.count)] + bytes }
    let rest = bytes.count - 127
    return [127, UInt8(rest & 0x7f) | 0x80, UInt8(rest >> 7)] + bytes
  }

  static func fields(_ fields: [(String, String)]) -> [UInt8] {
    fields.flatMap { field($0.0, $0.1) }
  }

  /// The headers of a gRPC request.
  static func request(
    _ path: String, stream: UInt32, flags: UInt8 = endHeaders, extra: [(String, String)] = [],
    replacing: [String: String] = [:]
  ) -> Frame {
    var fields = [
      (":method", "POST"), (":scheme", "http"), (":path", path), (":authority", "test"),
      ("content-type", "application/grpc"), ("te", "trailers"),
    ]
    for (index, field) in fields.enumerated() {
      if let value = replacing[field.0] { fields[index].1 = value }
    }
    return Frame(.headers, flags: flags, stream: stream, Self.fields(fields + extra))
  }

  /// A whole message, ending the stream.
  static func message(_ message: [UInt8], stream: UInt32, flags: UInt8 = endStream) -> Frame {
    Frame(
      .data, flags: flags, stream: stream,
      [0] + number(UInt32(message.count), bytes: 4) + message)
  }

  static func setting(_ id: UInt16, _ value: UInt32) -> [UInt8] {
    number(UInt32(id), bytes: 2) + number(value, bytes: 4)
  }

  /// GOAWAY's or RST_STREAM's error code.
  var errorCode: UInt32? {
    switch Kind(rawValue: kind) {
    case .goAway: Self.number(payload[4..<8])
    case .resetStream: Self.number(payload[0..<4])
    default: nil
    }
  }

  private static func number(_ bytes: ArraySlice<UInt8>) -> UInt32 {
    bytes.reduce(0) { $0 << 8 | UInt32($1) }
  }

  /// Takes the first whole frame off the front.
  static func take(from bytes: inout [UInt8]) -> Frame? {
    guard bytes.count >= 9 else { return nil }
    let length = Int(number(bytes[0..<3]))
    guard bytes.count >= 9 + length else { return nil }
    var frame = Frame(.data)
    frame.kind = bytes[3]
    frame.flags = bytes[4]
    frame.stream = number(bytes[5..<9]) & 0x7fff_ffff
    frame.payload = Array(bytes[9..<9 + length])
    bytes.removeFirst(9 + length)
    return frame
  }
}

/// A TCP connection that says exactly what it is told to, and keeps what it hears.
final class RawConnection: ChannelInboundHandler, Sendable {
  typealias InboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  struct Timeout: Error, CustomStringConvertible {
    let description: String
  }

  private struct State {
    var bytes: [UInt8] = []
    var isClosed = false
    var waiter: CheckedContinuation<Void, Never>?
  }

  private let state = NIOLockedValueBox(State())
  private let channelBox = NIOLockedValueBox<(any Channel)?>(nil)

  private var channel: any Channel { channelBox.withLockedValue { $0! } }

  /// Connects, and says the preface and empty SETTINGS unless told otherwise.
  static func connect(
    to address: SocketAddress, greeting: [UInt8] = Frame.preface + Frame(.settings).bytes,
    reads: Bool = true
  ) async throws -> RawConnection {
    let connection = RawConnection()
    let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .channelOption(.autoRead, value: reads)
      .channelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandler(connection)
        }
      }
      .connect(to: address).get()
    connection.channelBox.withLockedValue { $0 = channel }
    if !greeting.isEmpty { connection.send(greeting) }
    return connection
  }

  /// Sends, whether the peer still listens or not.
  func send(_ bytes: [UInt8]) {
    channel.writeAndFlush(ByteBuffer(bytes: bytes), promise: nil)
  }

  func send(_ frames: Frame...) {
    send(frames.flatMap(\.bytes))
  }

  func startReading() {
    channel.setOption(.autoRead, value: true).whenComplete { _ in }
  }

  func close() {
    channel.close(promise: nil)
  }

  /// All bytes heard so far.
  var received: [UInt8] { state.withLockedValue { $0.bytes } }

  /// All whole frames heard so far.
  var frames: [Frame] {
    var bytes = received
    var frames: [Frame] = []
    while let frame = Frame.take(from: &bytes) {
      frames.append(frame)
    }
    return frames
  }

  var isClosed: Bool { state.withLockedValue { $0.isClosed } }

  /// Waits until what was heard satisfies the condition.
  func wait(
    _ what: String, seconds: Int64 = 20, for condition: (RawConnection) -> Bool
  ) async throws {
    let deadline = ContinuousClock.now + .seconds(seconds)
    let alarm = MultiThreadedEventLoopGroup.singleton.any().scheduleTask(in: .seconds(seconds)) {
      self.wakeWaiter()
    }
    defer { alarm.cancel() }
    while true {
      // Noted first: what comes while the condition is looked at is news.
      let before = state.withLockedValue { ($0.bytes.count, $0.isClosed) }
      if condition(self) { return }
      guard ContinuousClock.now < deadline, !before.1 else {
        throw Timeout(
          description: "\(what): not seen\(before.1 ? ", and the connection is closed" : "")")
      }
      await withCheckedContinuation { continuation in
        let isNews = state.withLockedValue { state in
          if (state.bytes.count, state.isClosed) != before { return true }
          state.waiter = continuation
          return false
        }
        if isNews { continuation.resume() }
      }
    }
  }

  func waitUntilClosed() async throws {
    try await wait("the end of the connection") { $0.isClosed }
  }

  /// Waits for a GOAWAY; returns its error code.
  func waitForGoAway() async throws -> UInt32 {
    try await wait("GOAWAY") { $0.goAwayCode != nil }
    return goAwayCode!
  }

  var goAwayCode: UInt32? {
    frames.first { $0.kind == Frame.Kind.goAway.rawValue }?.errorCode
  }

  private func wakeWaiter() {
    let waiter = state.withLockedValue { state in
      defer { state.waiter = nil }
      return state.waiter
    }
    waiter?.resume()
  }

  // MARK: channel

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    let bytes = Self.unwrapInboundIn(data)
    state.withLockedValue { $0.bytes.append(contentsOf: bytes.readableBytesView) }
    wakeWaiter()
  }

  func channelInactive(context: ChannelHandlerContext) {
    state.withLockedValue { $0.isClosed = true }
    wakeWaiter()
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    context.close(promise: nil)
  }
}

extension TestServer {
  /// A hand-made connection to the server.
  func raw(
    greeting: [UInt8] = Frame.preface + Frame(.settings).bytes, reads: Bool = true
  ) async throws -> RawConnection {
    try await RawConnection.connect(
      to: SocketAddress(ipAddress: "127.0.0.1", port: address.port!), greeting: greeting,
      reads: reads)
  }

  /// Runs an attack while another client calls and calls; each of its calls has to succeed.
  func unharmed(_ attack: () async throws -> Void) async throws {
    let isOver = NIOLockedValueBox(false)
    let bystander = Task { [pool, address] in
      var count = 0
      while !isOver.withLockedValue({ $0 }) || count == 0 {
        let reply = await pool.call(
          ClientRequest(
            address: "\(address)", path: Echo.unary, message: [1], timeout: .seconds(20)))
        guard reply.status == .ok else { return reply.status }
        count += 1
      }
      return .ok
    }
    defer { isOver.withLockedValue { $0 = true } }
    try await attack()
    isOver.withLockedValue { $0 = true }
    let status = await bystander.value
    #expect(status == .ok)
  }
}
