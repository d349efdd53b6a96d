import HTTP2

/// What a request's headers say to a server.
package struct RequestHead: Sendable {
  /// Index in the server's `MethodTable`.
  package var method: Int
  package var metadata: Metadata
  /// Absolute, in nanoseconds of the session's clock; nil: none.
  package var deadline: UInt64?
  var encoding: MessageReader.Encoding

  init(
    method: Int, metadata: Metadata, deadline: UInt64?, encoding: MessageReader.Encoding
  ) {
    self.method = method
    self.metadata = metadata
    self.deadline = deadline
    self.encoding = encoding
  }

  /// Of a call that comes from this process.
  package init(method: Int, metadata: Metadata, deadline: UInt64?) {
    self.init(method: method, metadata: metadata, deadline: deadline, encoding: .identity)
  }

  /// How headers are answered that begin no call.
  enum Rejection: Error {
    /// Not gRPC: plain HTTP status.
    case http(StaticString)
    /// gRPC, but not for us: status in a trailers-only response.
    case status(Status)
    /// As `status`, with the encodings we take (gRPC compression, "Message encoding").
    case encoding(String)
  }

  static func parse(
    _ block: HeaderBlock, methods: MethodTable, now: UInt64
  ) throws(Rejection) -> RequestHead {
    var fields = Fields()
    block.forEach { name, value in
      fields.take(name, value, methods: methods, bytesMax: block.byteCount)
    }
    guard fields.isPost else { throw .http("405") }
    guard fields.isGRPC else { throw .http("415") }
    guard let method = fields.method else {
      throw .status(Status(.unimplemented, "unknown method \(fields.unknownPath)"))
    }
    if let encoding = fields.unknownEncoding { throw .encoding(encoding) }
    if fields.isTimeoutMalformed {
      throw .status(Status(.internal, "grpc-timeout is not at most 8 digits and a unit of HMSmun"))
    }
    return RequestHead(
      method: method, metadata: fields.metadata,
      deadline: fields.timeout.map { now.addingReportingOverflow($0).overflow ? .max : now + $0 },
      encoding: fields.encoding)
  }

  /// The fields that concern the protocol, gathered in one walk.
  private struct Fields {
    var isPost = false
    var isGRPC = false
    var method: Int?
    var unknownPath = ""
    var timeout: UInt64?
    var isTimeoutMalformed = false
    var encoding = MessageReader.Encoding.identity
    var unknownEncoding: String?
    var metadata = Metadata()

    /// `bytesMax`: of the block, which its metadata does not exceed.
    mutating func take(
      _ name: Span<UInt8>, _ value: Span<UInt8>, methods: MethodTable, bytesMax: Int
    ) {
      switch name.count {
      case 5 where name.isEqual(to: ":path"):
        method = methods.find(value)
        if method == nil { unknownPath = String(copying: value, bytesMax: 256) }
      case 7 where name.isEqual(to: ":method"):
        isPost = value.isEqual(to: "POST")
      case 12 where name.isEqual(to: "content-type"):
        isGRPC = value.isGRPCContentType
      case 12 where name.isEqual(to: "grpc-timeout"):
        timeout = Timeout.decode(value)
        isTimeoutMalformed = timeout == nil
      case 13 where name.isEqual(to: "grpc-encoding"):
        takeEncoding(value)
      default:
        metadata.appendReceived(name: name, value: value, bytesMax: bytesMax)
      }
    }

    private mutating func takeEncoding(_ value: Span<UInt8>) {
      if value.isEqual(to: "gzip") {
        encoding = .gzip
      } else if !value.isEqual(to: "identity") {
        unknownEncoding = String(copying: value, bytesMax: 64)
      }
    }
  }
}

extension String {
  /// The text of the first bytes: what strangers send is quoted in errors, and not at any length.
  init(copying bytes: Span<UInt8>, bytesMax: Int) {
    self = String(copying: bytes.extracting(0..<Swift.min(bytesMax, bytes.count)))
  }
}

extension Span<UInt8> {
  /// `application/grpc`, alone, with `+proto`, or with parameters.
  var isGRPCContentType: Bool {
    guard starts(with: "application/grpc") else { return false }
    if count == 16 { return true }
    if self[16] == UInt8(ascii: ";") { return true }
    return starts(with: "application/grpc+proto") && (count == 22 || self[22] == UInt8(ascii: ";"))
  }
}
