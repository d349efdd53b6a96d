/// Where the server listens: an IP address or a host name, and a port.
struct SocketEndpoint: Sendable, Equatable, CustomStringConvertible {
  let host: String
  /// 0 lets the system choose.
  let port: Int

  init(host: String, port: Int) {
    self.host = host
    self.port = port
  }

  /// Reads `host:port`; an IPv6 address stands in brackets.
  init?(_ text: String) {
    guard let colon = text.lastIndex(of: ":"),
      let port = wholeNumber(text[text.index(after: colon)...]), port <= 65_535
    else { return nil }
    var host = text[..<colon]
    if host.first == "[", host.last == "]" {
      host = host.dropFirst().dropLast()
      guard IPAddress(String(host)) != nil else { return nil }
    } else if host.contains(":") {
      return nil
    }
    guard !host.isEmpty, host.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else { return nil }
    self.init(host: String(host), port: port)
  }

  var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }

  /// Whether only this machine can reach it. A name counts as loopback only where it is
  /// `localhost`: any other may resolve to something else tomorrow.
  var isLoopback: Bool {
    if let address = IPAddress(host) { return address.isLoopback }
    return host == "localhost"
  }
}

extension ValueForm where Value == SocketEndpoint {
  static var endpoint: Self {
    Self(
      noun: "host:port", accepted: "host:port, such as 127.0.0.1:7070 or [::1]:7070",
      read: { SocketEndpoint($0) },
      write: { $0.description })
  }
}

extension ValueForm where Value == SocketEndpoint? {
  static var optionalEndpoint: Self {
    Self(
      noun: "host:port", accepted: "host:port, such as 127.0.0.1:7071, or nothing",
      read: { text in
        if text.isEmpty { return .some(nil) }
        return SocketEndpoint(text).map { .some($0) }
      },
      write: { $0?.description ?? "" })
  }
}
