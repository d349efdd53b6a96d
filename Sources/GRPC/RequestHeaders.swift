import HTTP2

/// The headers of a request as a client sends them.
package struct RequestHeaders: Sendable {
  let block: HeaderBlock

  private static let start = HeaderBlock([(":method", "POST"), (":scheme", "http")])
  private static let end = HeaderBlock([
    ("te", "trailers"), ("content-type", "application/grpc"), ("user-agent", "caravan"),
    ("grpc-accept-encoding", "identity,gzip"),
  ])

  /// `timeout` in nanoseconds.
  package init(path: String, authority: String, metadata: Metadata, timeout: UInt64?) {
    var block = HeaderBlock()
    block.reserve(bytes: 256 + path.utf8.count + authority.utf8.count + metadata.byteCount)
    block.append(contentsOf: Self.start)
    block.append(name: ":path", value: path.utf8)
    block.append(name: ":authority", value: authority.utf8)
    if let timeout {
      block.append(name: "grpc-timeout", value: Timeout.encode(timeout).utf8)
    }
    block.append(contentsOf: Self.end)
    metadata.append(to: &block)
    self.block = block
  }
}
