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
    guard text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
      throw Problem(
        reason: "has spaces or characters beyond ASCII; write names as xn--…, all else as %XX")
    }
    guard let parts = URLComponents(string: text, encodingInvalidCharacters: false) else {
      throw Problem(reason: "is no URL")
    }
    switch parts.scheme?.lowercased() {
    case "http": isSecure = false
    case "https": isSecure = true
    default: throw Problem(reason: "the scheme is not http or https")
    }
    guard parts.user == nil, parts.password == nil else {
      throw Problem(reason: "names a user; credentials go into an authorization header")
    }
    guard parts.fragment == nil else { throw Problem(reason: "has a fragment") }
    host = try Self.host(parts.encodedHost)
    port = parts.port ?? (isSecure ? 443 : 80)
    guard (1...65_535).contains(port) else { throw Problem(reason: "a port is 1 to 65535") }
    var path = parts.percentEncodedPath.isEmpty ? "/" : parts.percentEncodedPath
    if let query = parts.percentEncodedQuery { path += "?" + query }
    self.path = path
  }

  /// What is judged here is what is connected to: no escapes, no addresses in the old spellings
  /// (`127.1`, `0x7f000001`) that a resolver takes for numbers.
  private static func host(_ text: String?) throws(Problem) -> String {
    guard let text, !text.isEmpty else { throw Problem(reason: "names no host") }
    if text.hasPrefix("[") {
      let address = String(text.dropFirst().dropLast())
      guard text.hasSuffix("]"), address.contains(":"), IPAddress(address) != nil else {
        throw Problem(reason: "what stands in brackets is no IPv6 address")
      }
      return address
    }
    let isName = text.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"),
        UInt8(ascii: "."):
        true
      default: false
      }
    }
    guard isName else { throw Problem(reason: "the host is no name; write a-z 0-9 - _ .") }
    let labels = text.split(separator: ".")
    guard let last = labels.last else { throw Problem(reason: "names no host") }
    let isNumber = last.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    if isNumber || last.lowercased().hasPrefix("0x"), IPAddress(text) == nil {
      throw Problem(reason: "the host looks like an address and is none; write four numbers")
    }
    return text
  }

  /// Host and port as people write them.
  var peer: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}
