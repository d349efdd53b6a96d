package import HTTP2

/// How a call ended: code, message, and what travels beside them in the trailers.
package struct Status: Error, Sendable, Equatable {
  package var code: StatusCode
  /// For people; any Unicode text.
  package var message: String
  /// A serialized `google.rpc.Status`, sent as `grpc-status-details-bin`; empty: none.
  package var details: [UInt8]
  /// Trailing metadata sent beside the status.
  package var metadata: Metadata

  package init(
    _ code: StatusCode, _ message: String = "", details: [UInt8] = [],
    metadata: Metadata = Metadata()
  ) {
    self.code = code
    self.message = message
    self.details = details
    self.metadata = metadata
  }

  package static let ok = Status(.ok)
}

extension Status: CustomStringConvertible {
  package var description: String {
    message.isEmpty ? code.name : "\(code.name): \(message)"
  }
}

// MARK: on the wire

extension Status {
  /// Bytes of the percent-encoded message above which it is cut: clients cut or refuse metadata
  /// over 8 KiB.
  static let encodedMessageBytesMax = 2_048

  private var isPlainOK: Bool {
    code == .ok && message.isEmpty && details.isEmpty && metadata.isEmpty
  }

  static let okTrailers = HeaderBlock([("grpc-status", "0")])

  /// Appends the status as trailers carry it.
  package func append(to block: inout HeaderBlock) {
    if isPlainOK {
      block.append(contentsOf: Self.okTrailers)
      return
    }
    block.append(name: "grpc-status", value: String(code.rawValue).utf8)
    if !message.isEmpty {
      block.append(
        name: "grpc-message",
        value: PercentEncoding.encode(message, bytesMax: Self.encodedMessageBytesMax).span)
    }
    if !details.isEmpty {
      block.append(name: "grpc-status-details-bin", value: Base64.encode(details).span)
    }
    metadata.append(to: &block)
  }

  /// The trailers of this status.
  package var trailers: HeaderBlock {
    if isPlainOK { return Self.okTrailers }
    var block = HeaderBlock()
    append(to: &block)
    return block
  }
}
