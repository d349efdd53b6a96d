import GRPC
import Logging
import NIOCore
import NIOPosix

/// One place behind a target's address, and the connection to it.
///
///     idle ──call──► connecting ──SETTINGS──► ready ──GOAWAY, closed──► idle
///                        │ ▲
///                 failed ▼ │ time, and a call that waits
///                       backingOff
final class Endpoint: ClientConnectionDelegate {
  enum Location: Hashable {
    case socket(SocketAddress)
    case abstract(String)
  }

  private enum State {
    /// No connection, and none wanted. Moves to: connecting.
    case idle
    /// Being connected, or connected and waiting for SETTINGS. Moves to: ready, backingOff.
    case connecting
    /// Takes calls. Moves to: idle, backingOff (where it closed as soon as it was ready).
    case ready(ClientConnection)
    /// The last attempt failed; the next is at the time. Moves to: connecting, idle.
    case backingOff
    /// No longer behind the address. Final.
    case retired
  }

  /// A connection that lived shorter counts as a failed attempt.
  private static let shortLife: UInt64 = 1_000_000_000

  let location: Location
  private let target: Target
  private var pool: LoopPool { target.pool }
  private var state = State.idle
  private var failures = 0
  private var readyAt: UInt64 = 0
  /// All channels that are not closed, also of connections that only finish their calls.
  private var channels: [ObjectIdentifier: any Channel] = [:]
  /// Told by a peer that we pinged too often; doubled each time (gRFC A8).
  private var limits: ClientLimits

  init(location: Location, target: Target) {
    self.location = location
    self.target = target
    limits = target.pool.configuration.limits
  }

  var isReady: Bool {
    if case .ready = state { true } else { false }
  }

  var isConnecting: Bool {
    if case .connecting = state { true } else { false }
  }

  var isUnused: Bool { channels.isEmpty && !isConnecting }

  var connectionWithRoom: ClientConnection? {
    guard case .ready(let connection) = state, connection.session.hasRoom else { return nil }
    return connection
  }

  // MARK: connecting

  func connectIfIdle() {
    guard case .idle = state else { return }
    connect()
  }

  private func connect() {
    state = .connecting
    let limits = limits
    let eventLoop = pool.eventLoop
    let logger = pool.logger
    let bootstrap = ClientBootstrap(group: eventLoop)
      .connectTimeout(.nanoseconds(Int64(clamping: limits.connectTimeout.nanoseconds)))
      .channelOption(.maxMessagesPerRead, value: 8)
      .channelOption(
        .recvAllocator,
        value: AdaptiveRecvByteBufferAllocator(minimum: 1_024, initial: 8_192, maximum: 65_536)
      )
      .channelInitializer { channel in
        // TLS has its place here: its handler stands before the connection's, and nothing else
        // changes.
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandler(
            ClientConnection(limits: limits, eventLoop: eventLoop, logger: logger))
        }
      }
    let channel: EventLoopFuture<any Channel>
    switch location {
    case .socket(let address):
      channel = SocketOptions.apply(to: bootstrap, for: address).connect(to: address)
    case .abstract(let name):
      do {
        channel = bootstrap.withConnectedSocket(try AbstractSocket.connect(name))
      } catch {
        channel = eventLoop.makeFailedFuture(error)
      }
    }
    channel.assumeIsolated().whenComplete { self.connected($0) }
  }

  private func connected(_ result: Result<any Channel, any Error>) {
    switch result {
    case .success(let channel):
      guard case .connecting = state,
        let connection = try? channel.pipeline.syncOperations.handler(type: ClientConnection.self)
      else {
        channel.close(promise: nil)
        failed("the connection closed at once")
        return
      }
      let key = ObjectIdentifier(channel)
      channels[key] = channel
      channel.closeFuture.assumeIsolated().whenComplete { _ in
        self.channels.removeValue(forKey: key)
      }
      connection.delegate = self
      if connection.session.isEstablished {
        connectionBecameReady(connection)
      } else if !channel.isActive {
        failed("the peer closed the connection at once")
      }
    case .failure(let error):
      failed(ConnectFailure.text(error, peer: peer) ?? "cannot connect: \(error)")
    }
  }

  /// The place as people know it.
  private var peer: String {
    switch location {
    case .abstract(let name): return "unix-abstract:\(name)"
    case .socket(let address):
      guard let ip = address.ipAddress, let port = address.port else {
        return address.pathname.map { "unix:\($0)" } ?? "\(address)"
      }
      return ip.utf8.contains(UInt8(ascii: ":")) ? "[\(ip)]:\(port)" : "\(ip):\(port)"
    }
  }

  private func failed(_ reason: String) {
    guard case .connecting = state else { return }
    failures += 1
    pool.logger.debug(
      "cannot connect",
      metadata: [
        "address": "\(target.address)", "endpoint": "\(location)", "reason": "\(reason)",
        "failures": "\(failures)",
      ])
    backOff()
    target.endpointFailed(reason)
  }

  private func backOff() {
    state = .backingOff
    let delay = pool.configuration.backoff.delay(
      failures: failures, randomness: .random(in: 0...1))
    pool.eventLoop.assumeIsolated().scheduleTask(in: .nanoseconds(Int64(clamping: delay))) {
      guard case .backingOff = self.state else { return }
      self.state = .idle
      self.target.endpointMayConnect()
    }
  }

  // MARK: from the connection

  func connectionBecameReady(_ connection: ClientConnection) {
    guard case .connecting = state else { return }
    state = .ready(connection)
    readyAt = NIODeadline.now().uptimeNanoseconds
    target.startWaiting()
  }

  func connectionHasRoom(_ connection: ClientConnection) {
    target.startWaiting()
  }

  func connectionRetired(_ connection: ClientConnection, isTooManyPings: Bool) {
    if isTooManyPings { limits.keepaliveInterval *= 2 }
    leave(connection)
  }

  func connectionClosed(_ connection: ClientConnection, reason: String) {
    if case .connecting = state { return failed(reason) }
    leave(connection)
  }

  func connection(_ connection: ClientConnection, refused call: ClientCall, reply: ClientReply) {
    target.refused(call, reply)
  }

  /// The connection takes no more calls; the next call connects anew, or waits where this one lived
  /// too short.
  private func leave(_ connection: ClientConnection) {
    guard case .ready(let current) = state, current === connection else { return }
    if NIODeadline.now().uptimeNanoseconds - readyAt < Self.shortLife {
      failures += 1
      backOff()
    } else {
      failures = 0
      state = .idle
    }
    target.endpointLost()
  }

  // MARK: the end

  /// The name no longer has this address: calls under way go on, new ones do not come.
  func retire() {
    let previous = state
    state = .retired
    if case .ready(let connection) = previous { connection.retire() }
  }

  func shutdown() -> [EventLoopFuture<Void>] {
    state = .retired
    return channels.values.map { channel in
      let connection = try? channel.pipeline.syncOperations.handler(type: ClientConnection.self)
      connection?.close(reason: "the client is shut down")
      return channel.closeFuture
    }
  }
}

/// Options of TCP sockets, which other kinds refuse.
private enum SocketOptions {
  /// Linux's TCP_USER_TIMEOUT: a peer that acknowledges nothing for this long is gone (gRFC A18).
  private static let userTimeout = ChannelOptions.Types.SocketOption(
    level: .tcp, name: .init(rawValue: 18))
  private static let userTimeoutMilliseconds = 20_000

  static func apply(to bootstrap: ClientBootstrap, for address: SocketAddress) -> ClientBootstrap {
    guard address.protocol != .unix else { return bootstrap }
    return
      bootstrap
      .channelOption(.socketOption(.tcp_nodelay), value: 1)
      .channelOption(userTimeout, value: .init(userTimeoutMilliseconds))
  }
}
