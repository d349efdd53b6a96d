import GRPC
import NIOConcurrencyHelpers
import NIOCore
import Transport

/// Looks at a connection while Hummingbird serves it: sees that the caller has hung up while its
/// request is being answered, and closes the connection of a caller who does not read.
///
/// Touched on its channel's loop, but for `box`.
final class GatewayConnection: ChannelInboundHandler, RemovableChannelHandler, @unchecked Sendable {
  typealias InboundIn = NIOAny

  private struct State {
    var call: LocalCall?
    var isGone = false
  }

  private let state = NIOLockedValueBox(State())
  private let connections: GatewayConnections
  private var overdue: Scheduled<Void>?

  init(_ connections: GatewayConnections) {
    self.connections = connections
  }

  /// The call that is being answered: it is cancelled when the caller hangs up.
  func serve(_ call: LocalCall?) {
    let isGone = state.withLockedValue { state in
      state.call = call
      return state.isGone
    }
    if isGone { call?.cancel() }
  }

  /// The server stops.
  ///
  /// - Returns: false where no call is being answered
  func shutDown() -> Bool {
    let call = state.withLockedValue { $0.call }
    call?.shutDown()
    return call != nil
  }

  private func hangUp() {
    let call = state.withLockedValue { state in
      state.isGone = true
      defer { state.call = nil }
      return state.call
    }
    call?.cancel()
  }

  // MARK: channel

  func handlerAdded(context: ChannelHandlerContext) {
    connections.add(context.channel, self)
  }

  func channelInactive(context: ChannelHandlerContext) {
    overdue?.cancel()
    connections.remove(context.channel)
    hangUp()
    context.fireChannelInactive()
  }

  /// The caller's FIN counts as its leaving, as it does with most servers: who hangs up sends
  /// nothing else.
  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    if let event = event as? ChannelEvent, event == .inputClosed { hangUp() }
    context.fireUserInboundEventTriggered(event)
  }

  func channelWritabilityChanged(context: ChannelHandlerContext) {
    overdue?.cancel()
    overdue = nil
    if !context.channel.isWritable {
      let channel = context.channel
      overdue = context.eventLoop.scheduleTask(in: connections.progressTimeout) {
        channel.close(promise: nil)
      }
    }
    context.fireChannelWritabilityChanged()
  }
}

/// The open connections of a gateway.
final class GatewayConnections: Sendable {
  let progressTimeout: TimeAmount
  private let open = NIOLockedValueBox<[ObjectIdentifier: (any Channel, GatewayConnection)]>([:])

  init(progressTimeout: TimeAmount) {
    self.progressTimeout = progressTimeout
  }

  func add(_ channel: any Channel, _ connection: GatewayConnection) {
    open.withLockedValue { $0[ObjectIdentifier(channel)] = (channel, connection) }
  }

  func remove(_ channel: any Channel) {
    open.withLockedValue { _ = $0.removeValue(forKey: ObjectIdentifier(channel)) }
  }

  subscript(channel: any Channel) -> GatewayConnection? {
    open.withLockedValue { $0[ObjectIdentifier(channel)]?.1 }
  }

  /// Answers the calls that nobody waits for any longer, and closes.
  func shutDown() {
    for (channel, connection) in open.withLockedValue({ Array($0.values) }) {
      guard connection.shutDown() else {
        channel.close(promise: nil)
        continue
      }
      channel.eventLoop.scheduleTask(in: Self.lastWordTime) { channel.close(promise: nil) }
    }
  }

  /// For an answer to leave.
  private static let lastWordTime = TimeAmount.milliseconds(500)
}
