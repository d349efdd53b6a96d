import Foundation

/// Where an HTTP call goes: a URL, taken apart (RFC 3986, section 3).
struct HTTPLocation: Equatable, Sendable {
  let isSecure: Bool
  /// A name or an IP address, without brackets.
  let host: String
  let port: Int
  /// Path and query as they go into the request, at least `/`.
  let path: String

  struct Problem: Error, Equatable {
    let reason: String
  }

  /// Bytes of a URL.
  static let bytesMax = 2_048

  init(_ text: String) throws(Problem) {
    guard text.utf8.count <= Self.bytesMax else {
      throw Problem(reason: "is longer than \(Self.bytesMax) bytes")
    }
    guard text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }),
      let parts = URLComponents(string: text, encodingInvalidCharacters: false)
    else { throw Problem(reason: "is no URL") }
    switch parts.scheme?.lowercased() {
    case "http": isSecure = false
    case "https": isSecure = true
    default: throw Problem(reason: "the scheme is not http or https")
    }
    guard parts.user == nil, parts.password == nil else {
      throw Problem(reason: "names a user")
    }
    guard parts.fragment == nil else { throw Problem(reason: "has a fragment") }
    guard var host = parts.host, !host.isEmpty else { throw Problem(reason: "names no host") }
    if host.hasPrefix("["), host.hasSuffix("]") { host = String(host.dropFirst().dropLast()) }
    self.host = host
    port = parts.port ?? (isSecure ? 443 : 80)
    guard (1...65_535).contains(port) else { throw Problem(reason: "a port is 1 to 65535") }
    var path = parts.percentEncodedPath.isEmpty ? "/" : parts.percentEncodedPath
    if let query = parts.percentEncodedQuery { path += "?" + query }
    self.path = path
  }
}
