extension CallDefinition.Target {
  /// What stands and falls together: the address of a gRPC call; scheme, host and port of an HTTP
  /// call.
  var participantAddress: String {
    switch self {
    case .grpc(let address, _): address
    case .http(_, let url): Self.origin(of: url)
    }
  }

  /// Registration has read the URL, so that it is well formed and names no user.
  private static func origin(of url: String) -> String {
    let bytes = url.utf8
    guard let colon = bytes.firstIndex(of: UInt8(ascii: ":")) else { return url }
    let isSecure = bytes.distance(from: bytes.startIndex, to: colon) == 5
    let begin = bytes.index(colon, offsetBy: 3, limitedBy: bytes.endIndex) ?? bytes.endIndex
    let end =
      bytes[begin...].firstIndex { byte in
        byte == UInt8(ascii: "/") || byte == UInt8(ascii: "?") || byte == UInt8(ascii: "#")
      } ?? bytes.endIndex
    let authority = bytes[begin..<end]
    var origin = url[..<end].lowercased()
    let portBegin = authority.lastIndex(of: UInt8(ascii: ":"))
    // A colon within the brackets of an IPv6 address is none of a port.
    let hasPort = portBegin.map { !authority[$0...].contains(UInt8(ascii: "]")) } ?? false
    if !hasPort { origin += isSecure ? ":443" : ":80" }
    return origin
  }
}
