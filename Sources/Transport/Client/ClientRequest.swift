package import GRPC
package import NIOCore

/// A call to be made.
package struct ClientRequest: Sendable {
  /// As `Address` reads it.
  package var address: String
  /// `/package.Service/Method`.
  package var path: String
  package var metadata: Metadata
  package var message: [UInt8]
  /// From now to the reply; sent as `grpc-timeout` too.
  package var timeout: TimeAmount
  /// A larger reply ends the call with RESOURCE_EXHAUSTED.
  package var replyBytesMax: Int

  /// What gRPC allows by custom.
  package static let replyBytesMaxDefault = 4 << 20

  package init(
    address: String, path: String, metadata: Metadata = Metadata(), message: [UInt8] = [],
    timeout: TimeAmount, replyBytesMax: Int = ClientRequest.replyBytesMaxDefault
  ) {
    self.address = address
    self.path = path
    self.metadata = metadata
    self.message = message
    self.timeout = timeout
    self.replyBytesMax = replyBytesMax
  }
}
