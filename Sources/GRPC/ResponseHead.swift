import HTTP2

/// What a response's headers say to a client.
struct ResponseHead {
  var httpStatus = 0
  var isGRPC = false
  var hasContentType = false
  var encoding = MessageReader.Encoding.identity
  var unknownEncoding: String?
  var trailers = Trailers()

  init(_ block: HeaderBlock) {
    block.forEach { name, value in
      switch name.count {
      case 7 where name.isEqual(to: ":status"):
        httpStatus = Int(String(copying: value)) ?? 0
      case 12 where name.isEqual(to: "content-type"):
        hasContentType = true
        isGRPC = value.isGRPCContentType
      case 13 where name.isEqual(to: "grpc-encoding"):
        if value.isEqual(to: "gzip") {
          encoding = .gzip
        } else if !value.isEqual(to: "identity") {
          unknownEncoding = String(copying: value, bytesMax: 64)
        }
      default:
        trailers.take(name, value)
      }
    }
  }
}

/// The status and the metadata in a block of trailers.
struct Trailers {
  /// Nil: there was none, or none that is a number of gRPC's.
  private var code: StatusCode?
  private var malformedCode: String?
  private var message = ""
  private var details: [UInt8] = []
  private(set) var metadata = Metadata()

  init() {}

  init(_ block: HeaderBlock) {
    block.forEach { name, value in take(name, value) }
  }

  mutating func take(_ name: Span<UInt8>, _ value: Span<UInt8>) {
    switch name.count {
    case 11 where name.isEqual(to: "grpc-status"):
      takeCode(value)
    case 12 where name.isEqual(to: "grpc-message"):
      message = PercentEncoding.decode(value)
    case 23 where name.isEqual(to: "grpc-status-details-bin"):
      details = Base64.decode(value) ?? []
    default:
      metadata.appendReceived(name: name, value: value)
    }
  }

  private mutating func takeCode(_ value: Span<UInt8>) {
    if value.isEqual(to: "0") {
      code = .ok
    } else if value.count <= 2, let number = Int(String(copying: value)),
      let known = StatusCode(rawValue: number)
    {
      code = known
    } else {
      malformedCode = String(copying: value, bytesMax: 32)
    }
  }

  /// The status, and whether the peer said it; nil: it said none.
  var status: (status: Status, origin: ClientReply.Origin)? {
    if let code {
      return (Status(code, message, details: details, metadata: metadata), .peer)
    }
    if let malformedCode {
      return (Status(.unknown, "the peer's grpc-status is no code: \(malformedCode)"), .local)
    }
    return nil
  }
}
