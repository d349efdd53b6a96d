import GRPC
import NIOCore

/// What has bytes to be written: a session.
protocol ByteSource {
  func drain(budget: Int, _ write: (UnsafeRawBufferPointer) -> Void) throws -> Bool
}

extension ServerSession: ByteSource {}
extension ClientSession: ByteSource {}

/// Moves a session's output into its channel, no more than the channel wants, and closes the
/// channel in good order.
///
/// A class: writing may call back into the connection, which may ask to flush again.
final class OutputPump {
  /// Bytes gathered into one buffer before it goes to the channel.
  private static let writeBytes = 64 << 10
  /// How long a peer is given to read our last words after we stopped writing.
  private static let lingerTime = TimeAmount.seconds(1)

  private var buffer = ByteBuffer()
  private var isFlushing = false
  /// False once the channel is closed or closing.
  private(set) var isOpen = true

  /// Writes until nothing is left or the channel is full; flushes as seldom as that allows.
  /// `afterDrain` handles what draining brought about and says whether there was anything.
  func flush(
    _ source: some ByteSource, into context: ChannelHandlerContext, afterDrain: () -> Bool
  ) throws {
    guard !isFlushing else { return }
    isFlushing = true
    defer { isFlushing = false }
    var isMoreLeft = true
    // Flushing may make the channel writable again; that is told while `isFlushing`, so it is
    // looked at here.
    while isMoreLeft, isOpen, context.channel.isWritable {
      isMoreLeft = try fill(source, context, afterDrain)
      context.flush()
    }
  }

  /// Writes until nothing is left, or the channel is full (then true).
  private func fill(
    _ source: some ByteSource, _ context: ChannelHandlerContext, _ afterDrain: () -> Bool
  ) throws -> Bool {
    while isOpen, context.channel.isWritable {
      buffer.clear(minimumCapacity: 1_024)
      let isMoreLeft = try source.drain(budget: Self.writeBytes) { bytes in
        buffer.writeBytes(bytes)
      }
      if buffer.readableBytes > 0 {
        context.write(NIOAny(buffer), promise: nil)
      }
      if !afterDrain(), !isMoreLeft { return false }
    }
    return true
  }

  /// Says no more, lets the peer read what was said, then closes.
  func finish(_ context: ChannelHandlerContext) {
    guard isOpen else { return }
    isOpen = false
    let channel = context.channel
    channel.close(mode: .output, promise: nil)
    channel.eventLoop.scheduleTask(in: Self.lingerTime) { channel.close(promise: nil) }
  }

  func close() {
    isOpen = false
  }
}
