/// One pattern of `participants.allow`: which hosts, on which ports, Caravan may call.
///
///     pay.example.com          this name, any port
///     *.shop.example.com:443   every name below, one port
///     shop-*.internal          a star within a label stands for any part of that label
///     10.0.0.0/8:7000-7999     addresses of a network, a range of ports
///     [fd00::/8]:7070          IPv6 takes brackets where a port follows
///     unix:/run/shop/*         sockets below a directory
///     *                        everything
///
/// A name is matched as a name and an address as an address: a network pattern does not permit a
/// name that happens to resolve into it.
struct AllowPattern: Sendable, Equatable, CustomStringConvertible {
  enum Host: Sendable, Equatable {
    case any
    /// A name by its labels; a star in one stands for any part of it.
    case name([String])
    /// Everything below this suffix, which begins with its dot.
    case namesBelow(String)
    case network(IPAddress, bits: Int)
    /// A path, or with `below` every path that begins with it.
    case socket(path: String, below: Bool)
  }

  let description: String
  let host: Host
  let ports: ClosedRange<Int>

  init?(_ text: String) {
    guard !text.isEmpty, text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else { return nil }
    description = text
    if text.hasPrefix("unix:") {
      let path = text.dropFirst(5)
      guard path == "*" || path.first == "/" else { return nil }
      let below = path.last == "*"
      host = .socket(path: String(below ? path.dropLast() : path), below: below)
      ports = Self.anyPort
      return
    }
    guard let (hostText, portText) = Self.split(text),
      let host = Self.readHost(String(hostText).lowercased()),
      let ports = Self.readPorts(portText)
    else { return nil }
    self.host = host
    self.ports = ports
  }

  private static let anyPort = 0...65_535

  /// Host and port parts; the port part is nil where none is written.
  private static func split(_ text: String) -> (Substring, Substring?)? {
    if text.first == "[" {
      guard let close = text.firstIndex(of: "]") else { return nil }
      let host = text[text.index(after: text.startIndex)..<close]
      let rest = text[text.index(after: close)...]
      guard host.contains(":"), rest.isEmpty || rest.first == ":" else { return nil }
      return (host, rest.isEmpty ? nil : rest.dropFirst())
    }
    switch text.count(where: { $0 == ":" }) {
    case 0: return (text[...], nil)
    case 1:
      guard let colon = text.firstIndex(of: ":") else { return nil }
      return (text[..<colon], text[text.index(after: colon)...])
    default: return (text[...], nil)
    }
  }

  private static func readHost(_ text: String) -> Host? {
    if text == "*" { return .any }
    if let slash = text.firstIndex(of: "/") {
      guard let address = IPAddress(String(text[..<slash])),
        let bits = wholeNumber(text[text.index(after: slash)...]), bits <= address.bytes.count * 8
      else { return nil }
      return .network(address, bits: bits)
    }
    if let address = IPAddress(text) { return .network(address, bits: address.bytes.count * 8) }
    let below = text.hasPrefix("*.")
    let name = below ? text.dropFirst(2) : text[...]
    let labels = name.split(separator: ".", omittingEmptySubsequences: false)
    let starsMax = below ? 0 : 1
    guard
      labels.allSatisfy({ label in
        !label.isEmpty && label.count(where: { $0 == "*" }) <= starsMax
          && label.allSatisfy { isNameCharacter($0) || $0 == "*" }
      })
    else { return nil }
    return below ? .namesBelow("." + name) : .name(labels.map(String.init))
  }

  /// Whether a name, in lower case, has these labels.
  static func matches(_ name: String, labels: [String]) -> Bool {
    let parts = name.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == labels.count else { return false }
    return zip(parts, labels).allSatisfy { part, label in
      guard let star = label.firstIndex(of: "*") else { return part == label }
      let (head, tail) = (label[..<star], label[label.index(after: star)...])
      return part.count >= head.count + tail.count && part.hasPrefix(head) && part.hasSuffix(tail)
    }
  }

  private static func isNameCharacter(_ character: Character) -> Bool {
    character.isASCII && (character.isLetter || character.isNumber || "-_".contains(character))
  }

  private static func readPorts(_ text: Substring?) -> ClosedRange<Int>? {
    guard let text, text != "*" else { return anyPort }
    let ends = text.split(separator: "-", omittingEmptySubsequences: false).map { wholeNumber($0) }
    guard let first = ends.first ?? nil, let last = ends.last ?? nil, ends.count <= 2,
      1 <= first, first <= last, last <= 65_535
    else { return nil }
    return first...last
  }
}

/// Which participants Caravan calls: all that a pattern permits, and nothing else.
struct AllowList: Sendable, Equatable {
  var patterns: [AllowPattern]

  /// What `caravan dev` permits where nothing is configured: this machine.
  static let loopbackText = "localhost,127.0.0.0/8,::1,unix:*"

  /// Whether a call to this host, a name or an address as the caller wrote it, is permitted.
  func permits(host: String, port: Int) -> Bool {
    var name = host.lowercased()
    if name.first == "[", name.last == "]" { name = String(name.dropFirst().dropLast()) }
    if name.last == "." { name.removeLast() }
    let address = IPAddress(name)
    return patterns.contains { pattern in
      guard pattern.ports.contains(port) else { return false }
      switch pattern.host {
      case .any: return true
      case .name(let labels):
        return address == nil && AllowPattern.matches(name, labels: labels)
      case .namesBelow(let suffix): return address == nil && name.hasSuffix(suffix)
      case .network(let network, let bits): return address?.shares(bits, with: network) ?? false
      case .socket: return false
      }
    }
  }

  /// Whether a call over the unix socket at this path is permitted. A path that climbs out of a
  /// directory with `..` is judged by no pattern but `*`.
  func permits(socket path: String) -> Bool {
    let climbs = path.split(separator: "/").contains("..")
    return patterns.contains { pattern in
      switch pattern.host {
      case .any: return true
      case .socket(let allowed, let below):
        return below ? !climbs && path.hasPrefix(allowed) : path == allowed
      case .name, .namesBelow, .network: return false
      }
    }
  }
}

extension ValueForm where Value == AllowList {
  static var allowList: Self {
    Self(
      noun: "patterns",
      accepted: "comma-separated patterns: a host name, *.domain, IP address or network, each "
        + "optionally with :port or :first-last; or unix:/path; "
        + "such as *.shop.example.com:443,10.0.0.0/8",
      read: { text in
        let parts = text.split(separator: ",", omittingEmptySubsequences: false)
          .map { $0.trimming(while: { $0 == " " }) }
        if parts == [""] { return AllowList(patterns: []) }
        let patterns = parts.compactMap { AllowPattern(String($0)) }
        return patterns.count == parts.count ? AllowList(patterns: patterns) : nil
      },
      write: { $0.patterns.map(\.description).joined(separator: ",") })
  }
}

extension Substring {
  func trimming(while predicate: (Character) -> Bool) -> Substring {
    var rest = drop(while: predicate)
    while let last = rest.last, predicate(last) { rest.removeLast() }
    return rest
  }
}
