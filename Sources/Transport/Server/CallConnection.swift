import GRPC
import NIOCore

/// Where a call comes from and its answer goes: a client's connection, or a caller in this process.
/// All of it is called on the event loop.
protocol CallConnection: AnyObject {
  var eventLoop: any EventLoop { get }
  /// The caller's address, for logs.
  var peer: String { get }

  /// Answers a unary call with a message.
  func reply(_ id: CallID, message: [UInt8], trailing: Metadata)
  /// Ends a call with a status, behind the messages sent so far.
  func finish(_ id: CallID, _ status: Status)
  /// Queues a message of a streaming call; false where the call has ended.
  func send(_ id: CallID, _ message: [UInt8]) -> Bool
  /// Whether a streaming call's queue has room.
  func isWritable(_ id: CallID) -> Bool
  /// Bytes that a streaming call has queued.
  func queuedBytes(_ id: CallID) -> Int
  /// No more messages of a streaming call are delivered.
  func pauseReading(_ id: CallID)
  func resumeReading(_ id: CallID)
}
