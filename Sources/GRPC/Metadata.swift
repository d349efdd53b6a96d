package import HTTP2

/// A call's metadata: names (lower-case) and values in order; a name may occur more than once.
///
/// Kept as a header block: what arrives is copied once, what is sent not at all. Names that gRPC
/// and HTTP/2 use themselves do not appear here and cannot be set, but for
/// `grpc-retry-pushback-ms`.
package struct Metadata: Sendable, Equatable {
  private var block = HeaderBlock()

  package init() {}

  package var isEmpty: Bool { block.isEmpty }

  package var count: Int { block.count }

  /// All of it, in order. `-bin` values stand as they are sent: base64.
  package var entries: [(name: String, value: String)] {
    var entries: [(name: String, value: String)] = []
    entries.reserveCapacity(block.count)
    block.forEach { name, value in
      entries.append((String(copying: name), String(copying: value)))
    }
    return entries
  }

  // MARK: reading

  package func first(_ name: String) -> String? {
    block[name]
  }

  package func values(_ name: String) -> [String] {
    var values: [String] = []
    block.forEach { fieldName, value in
      if fieldName.isEqual(to: name) { values.append(String(copying: value)) }
    }
    return values
  }

  /// The values of a `-bin` name: padded or not, one a field or joined by commas; what is not
  /// base64 is left out.
  package func bytes(_ name: String) -> [[UInt8]] {
    var values: [[UInt8]] = []
    block.forEach { fieldName, value in
      guard fieldName.isEqual(to: name) else { return }
      var start = 0
      for index in 0...value.count
      where index == value.count || value[index] == UInt8(ascii: ",") {
        if let bytes = Base64.decode(value.extracting(start..<index)) { values.append(bytes) }
        start = index + 1
      }
    }
    return values
  }

  // MARK: writing

  /// Whether a field can be sent as it is: HTTP/2 token characters and printable ASCII, and no name
  /// of gRPC's own.
  package static func isLegal(name: String, value: String) -> Bool {
    !hasUpperCase(name.utf8.span) && isLegal(name: name.utf8.span, value: value.utf8.span)
  }

  private static func hasUpperCase(_ name: Span<UInt8>) -> Bool {
    for index in name.indices where name[index] &- UInt8(ascii: "A") < 26 { return true }
    return false
  }

  private static func isLegal(name: Span<UInt8>, value: Span<UInt8>) -> Bool {
    guard name.count <= 1_024, !isReserved(name) else { return false }
    for index in name.indices {
      switch name[index] {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
        UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."):
        break
      default: return false
      }
    }
    for index in value.indices where value[index] < 0x20 || value[index] > 0x7e { return false }
    // RFC 9113, section 8.2.1: a value with white space at its ends is malformed.
    let last = value.count - 1
    if last >= 0, value[0] == 0x20 || value[last] == 0x20 { return false }
    return !name.hasSuffix("-bin") || Base64.decode(value) != nil
  }

  /// Adds a value; the name is taken in lower case. False, and nothing added, where it is not legal
  /// to send.
  @discardableResult
  package mutating func append(_ name: String, _ value: String) -> Bool {
    if Self.hasUpperCase(name.utf8.span) { return append(name.lowercased(), value) }
    guard Self.isLegal(name: name.utf8.span, value: value.utf8.span) else { return false }
    block.append(name: name.utf8, value: value.utf8)
    return true
  }

  /// Adds a field without a check: a name of the program's own, in lower case, with a value that it
  /// knows to be printable ASCII without outer spaces.
  package mutating func append(own name: StaticString, _ value: String) {
    block.append(name: name, value: value.utf8)
  }

  /// Makes room for so many bytes of fields; a field takes `HeaderBlock.prefixBytes` beside its
  /// text.
  package mutating func reserve(bytes: Int) {
    block.reserve(bytes: bytes)
  }

  /// Adds bytes under a name that ends in `-bin`.
  @discardableResult
  package mutating func append(_ name: String, bytes: [UInt8]) -> Bool {
    guard name.lowercased().hasSuffix("-bin") else { return false }
    return append(name, String(decoding: Base64.encode(bytes), as: UTF8.self))
  }

  package mutating func append(contentsOf other: Metadata) {
    if block.isEmpty {
      block = other.block
    } else {
      block.append(contentsOf: other.block)
    }
  }

  // MARK: on the wire

  var byteCount: Int { block.byteCount }

  package func append(to other: inout HeaderBlock) {
    guard !block.isEmpty else { return }
    other.append(contentsOf: block)
  }

  /// Takes a received field, unless it is one of the protocol's own. The first one makes room for
  /// `bytesMax` bytes.
  package mutating func appendReceived(
    name: Span<UInt8>, value: Span<UInt8>, bytesMax: Int = 0
  ) {
    guard !Self.isReserved(name) else { return }
    if block.isEmpty { block.reserve(bytes: bytesMax) }
    block.append(name: name, value: value)
  }

  /// Whether HTTP/2 or gRPC use the name themselves; an empty name counts as one of theirs.
  private static func isReserved(_ name: Span<UInt8>) -> Bool {
    if name.isEmpty { return true }
    switch name[0] {
    case UInt8(ascii: ":"):
      return true
    case UInt8(ascii: "g"):
      return name.starts(with: "grpc-") && !name.isEqual(to: "grpc-retry-pushback-ms")
    case UInt8(ascii: "c"):
      return name.isEqual(to: "content-type") || name.isEqual(to: "content-length")
        || name.isEqual(to: "connection")
    case UInt8(ascii: "t"):
      return name.isEqual(to: "te") || name.isEqual(to: "transfer-encoding")
    case UInt8(ascii: "u"):
      return name.isEqual(to: "user-agent") || name.isEqual(to: "upgrade")
    case UInt8(ascii: "h"):
      return name.isEqual(to: "host")
    case UInt8(ascii: "k"):
      return name.isEqual(to: "keep-alive")
    case UInt8(ascii: "p"):
      return name.isEqual(to: "proxy-connection")
    default:
      return false
    }
  }
}

extension Metadata: ExpressibleByDictionaryLiteral {
  /// Fields that are not legal to send are left out.
  package init(dictionaryLiteral elements: (String, String)...) {
    self.init()
    for (name, value) in elements {
      append(name, value)
    }
  }
}

extension Metadata: CustomStringConvertible {
  package var description: String { block.description }
}
