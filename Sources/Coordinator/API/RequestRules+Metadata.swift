import GRPC
import Messages

/// The checks of what goes along with a call: metadata on gRPC, headers on HTTP.
extension RequestRules {
  /// Headers that Caravan or HTTP itself sets.
  private static let reservedHeaders: Set = [
    "connection", "content-length", "expect", "host", "idempotency-key", "keep-alive", "te",
    "traceparent", "trailer", "transfer-encoding", "upgrade",
  ]

  func checkMetadata(
    _ call: CaravanV1.Call, _ index: Int?, _ part: CallPart,
    _ violations: inout FieldViolations
  ) {
    if call.metadata.isEmpty { return }
    var isHTTP = false
    if case .http = call.target { isHTTP = true }
    var bytes = 0
    for (name, value) in call.metadata {
      bytes += name.utf8.count + value.utf8.count
      let problem =
        isHTTP ? Self.headerProblem(name, value) : Self.metadataProblem(name, value)
      guard let problem else { continue }
      violations.add(
        .call(index, part, "metadata").within("[\(Quotation.of(name))]"), problem)
    }
    if bytes > CallDefinition.metadataBytesMax {
      violations.add(
        .call(index, part, "metadata"),
        "has \(bytes) bytes of names and values; at most \(CallDefinition.metadataBytesMax)")
    }
  }

  private static func metadataProblem(_ name: String, _ value: String) -> String? {
    if name.hasPrefix("caravan-") || name.hasPrefix("grpc-") || name.hasPrefix(":")
      || name == "traceparent"
    {
      return "traceparent, and names that begin with caravan-, grpc- or :, are not the caller's"
    }
    if Metadata.isLegal(name: name, value: value) { return nil }
    if !Metadata.isLegal(name: name, value: "") {
      return "is no name for metadata, or one of HTTP's own; write a-z 0-9 . _ -, in lower case"
    }
    return name.hasSuffix("-bin")
      ? "the value is not base64" : "the value is not printable ASCII without outer spaces"
  }

  static func headerProblem(_ name: String, _ value: String) -> String? {
    guard isToken(name) else {
      return "is no name of a header; write letters in lower case, 0-9 and -"
    }
    if name.hasPrefix("caravan-") || name.hasPrefix("proxy-") || reservedHeaders.contains(name) {
      return "is set by Caravan or by HTTP itself; leave it out"
    }
    return FieldValue.isLegal(value)
      ? nil : "the value is not printable ASCII without outer spaces"
  }

  /// RFC 9110, section 5.6.2, without capitals: HTTP/2 knows none.
  private static func isToken(_ name: String) -> Bool {
    !name.isEmpty
      && name.utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
        default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
        }
      }
  }
}
