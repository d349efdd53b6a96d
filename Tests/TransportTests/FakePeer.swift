import HTTP2
import NIOConcurrencyHelpers
import NIOCore
import NIOPosix

@testable import GRPC
@testable import Transport

/// A server that behaves as a test wants: at the level of bytes, or of HTTP/2.
final class FakePeer: Sendable {
  /// What to do with one connection's bytes. Made anew for each connection; called on its loop.
  protocol Behaviour: AnyObject {
    func accepted(_ channel: any Channel)
    func received(_ bytes: ByteBuffer, _ channel: any Channel)
  }

  private final class Handler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    let behaviour: any Behaviour

    init(_ behaviour: any Behaviour) {
      self.behaviour = behaviour
    }

    func channelActive(context: ChannelHandlerContext) {
      behaviour.accepted(context.channel)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
      behaviour.received(Self.unwrapInboundIn(data), context.channel)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
      context.close(promise: nil)
    }
  }

  private let listener: any Channel
  private let accepted: NIOLockedValueBox<Int>
  let host: String
  let port: Int
  var address: String { "\(host):\(port)" }

  /// Connections accepted so far.
  var connectionCount: Int { accepted.withLockedValue { $0 } }

  private init(_ listener: any Channel, _ accepted: NIOLockedValueBox<Int>) {
    self.listener = listener
    self.accepted = accepted
    host = listener.localAddress!.ipAddress!
    port = listener.localAddress!.port!
  }

  /// Listens; `behaviour` gets the number of the connection, from 0.
  static func start(
    host: String = "127.0.0.1", port: Int = 0,
    _ behaviour: @escaping @Sendable (_ connection: Int) throws -> any Behaviour
  ) async throws -> FakePeer {
    let accepted = NIOLockedValueBox(0)
    let listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .childChannelInitializer { channel in
        let number = accepted.withLockedValue { count in
          count += 1
          return count - 1
        }
        return channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandler(Handler(try behaviour(number)))
        }
      }
      .bind(host: host, port: port).get()
    return FakePeer(listener, accepted)
  }

  func stop() async throws {
    try await listener.close()
  }

  /// Says some bytes when bytes come, then perhaps closes.
  final class Bytes: Behaviour {
    private let answer: [UInt8]?
    private let closes: Bool

    init(_ answer: [UInt8]?, closes: Bool = false) {
      self.answer = answer
      self.closes = closes
    }

    func accepted(_ channel: any Channel) {}

    func received(_ bytes: ByteBuffer, _ channel: any Channel) {
      if let answer { channel.writeAndFlush(ByteBuffer(bytes: answer), promise: nil) }
      if closes { channel.close(promise: nil) }
    }
  }

  /// Speaks HTTP/2; each request goes to a closure.
  final class HTTP2: Behaviour {
    private let session: Session
    private let request: (StreamID, Session, any Channel) -> Void

    init(
      limits: Limits = Limits(), _ request: @escaping (StreamID, Session, any Channel) -> Void
    ) throws {
      session = try Session(role: .server, limits: limits)
      self.request = request
    }

    func accepted(_ channel: any Channel) {
      flush(channel)
    }

    func received(_ bytes: ByteBuffer, _ channel: any Channel) {
      var bytes = bytes
      while let part = bytes.readSlice(
        length: min(bytes.readableBytes, Session.inputBytesPerTurn)), part.readableBytes > 0
      {
        try? session.receive(part.readableBytesSpan, now: 1)
        while let event = session.nextEvent() {
          switch event {
          case .headers(let stream, _, .request, true), .end(let stream):
            request(stream, session, channel)
          case .data(let stream, let bytes):
            session.consume(bytes.count, stream: stream)
          default: break
          }
        }
      }
      flush(channel)
    }

    private func flush(_ channel: any Channel) {
      var output = ByteBuffer()
      _ = try? session.drain(budget: .max) { output.writeBytes($0) }
      if output.readableBytes > 0 { channel.writeAndFlush(output, promise: nil) }
      if session.isFinished { channel.close(promise: nil) }
    }
  }

  /// Answers everything, and says in its trailers which address it has.
  final class Polite: Behaviour {
    private let peer: HTTP2

    init() throws {
      peer = try HTTP2 { stream, session, channel in
        var trailers = FakePeer.ok
        trailers.append(name: "peer", value: (channel.localAddress?.ipAddress ?? "").utf8)
        session.submitResponse(
          stream: stream, FakePeer.headers, body: MessageFrame.frame([1]),
          end: .trailers(trailers))
      }
    }

    func accepted(_ channel: any Channel) {
      peer.accepted(channel)
    }

    func received(_ bytes: ByteBuffer, _ channel: any Channel) {
      peer.received(bytes, channel)
    }
  }

  static let headers = HeaderBlock([(":status", "200"), ("content-type", "application/grpc")])
  static let ok = HeaderBlock([("grpc-status", "0")])

  /// A good answer.
  static func answer(_ stream: StreamID, _ session: Session, _ message: [UInt8] = [1]) {
    session.submitResponse(
      stream: stream, headers, body: MessageFrame.frame(message), end: .trailers(ok))
  }
}

/// A pool on a loop of its own, shut down at the end.
func withPool(
  _ configuration: ClientPool.Configuration = .init(),
  _ body: (ClientPool, MultiThreadedEventLoopGroup) async throws -> Void
) async throws {
  let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
  let pool = ClientPool(configuration: configuration, group: group, logger: quiet)
  var failure: (any Error)?
  do {
    try await body(pool, group)
  } catch {
    failure = error
  }
  await pool.shutdown()
  try await group.shutdownGracefully()
  if let failure { throw failure }
}
