import NIOCore

/// Where a server listens or a peer is found.
package enum Address: Sendable, Hashable {
  /// A name or an IP address, and a port.
  case host(String, port: Int)
  /// A unix socket's path.
  case unix(String)
  /// A name in Linux's abstract socket namespace.
  case abstract(String)

  /// Reads `host:port`, `[::1]:port`, `dns:///host:port`, `ipv4:1.2.3.4:port`, `ipv6:[::1]:port`,
  /// `unix:/path`, `unix:///path`, `unix-abstract:name` (gRPC name syntax).
  package init(_ text: String) throws(AddressError) {
    if let rest = text.dropping("unix-abstract:") {
      guard !rest.isEmpty, rest.utf8.count <= Self.unixPathBytesMax else {
        throw AddressError(
          text, "unix-abstract: wants a name of 1 to \(Self.unixPathBytesMax) bytes")
      }
      self = .abstract(rest)
    } else if let rest = text.dropping("unix://") ?? text.dropping("unix:") {
      guard !rest.isEmpty, rest.utf8.count <= Self.unixPathBytesMax else {
        throw AddressError(text, "unix: wants a path of 1 to \(Self.unixPathBytesMax) bytes")
      }
      self = .unix(rest)
    } else {
      self = try Self.parseHost(text)
    }
  }

  /// `sun_path` has 108 bytes, one of them for the NUL.
  package static let unixPathBytesMax = 107

  private static func parseHost(_ text: String) throws(AddressError) -> Address {
    var rest = text
    for scheme in ["dns:///", "dns:", "ipv4:", "ipv6:"] {
      if let target = text.dropping(scheme) {
        rest = target
        break
      }
    }
    if rest.contains("://") {
      throw AddressError(
        text, "an address has no scheme, only host:port; gRPC goes out without TLS")
    }
    guard let colon = rest.lastIndex(of: ":") else {
      throw AddressError(text, "a port is missing: host:port")
    }
    guard let port = Int(rest[rest.index(after: colon)...]), (0...65_535).contains(port) else {
      throw AddressError(text, "the port is not a number from 0 to 65535")
    }
    var host = String(rest[..<colon])
    if host.hasPrefix("["), host.hasSuffix("]") {
      host = String(host.dropFirst().dropLast())
    } else if host.contains(":") {
      throw AddressError(text, "an IPv6 address stands in brackets: [::1]:port")
    }
    let isLegal = host.utf8.allSatisfy { byte in
      byte > 0x20 && byte < 0x7f && byte != UInt8(ascii: "/") && byte != UInt8(ascii: "@")
    }
    guard !host.isEmpty, host.utf8.count <= 255, isLegal else {
      throw AddressError(text, "the host is missing or not a host name")
    }
    return .host(host, port: port)
  }

  /// The port, where there is one.
  package var port: Int? {
    if case .host(_, let port) = self { port } else { nil }
  }

  /// What `:authority` says: the host as the caller named it; gRPC's custom is "localhost" for unix
  /// sockets.
  var authority: String {
    switch self {
    case .host: description
    case .unix, .abstract: "localhost"
    }
  }
}

extension Address: CustomStringConvertible {
  /// A text that `init` reads back.
  package var description: String {
    switch self {
    case .host(let host, let port):
      host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    case .unix(let path): "unix:\(path)"
    case .abstract(let name): "unix-abstract:\(name)"
    }
  }
}

/// A text that is no address: which, and what was expected.
package struct AddressError: Error, Equatable, CustomStringConvertible {
  package let text: String
  package let reason: String

  init(_ text: String, _ reason: String) {
    self.text = text
    self.reason = reason
  }

  package var description: String { "'\(text)' is no address: \(reason)" }
}

extension String {
  fileprivate func dropping(_ prefix: String) -> String? {
    hasPrefix(prefix) ? String(dropFirst(prefix.count)) : nil
  }
}
