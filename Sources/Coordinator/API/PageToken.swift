import GRPC
import Mode

/// Where a page of List ended: base64url of the last row's creation and id, opaque to callers.
struct PageToken: Equatable {
  /// Bytes of a token for the longest id.
  static let bytesMax = 1 << 10
  private static let version: UInt8 = 1

  var createdAt: Instant
  var id: String

  init(createdAt: Instant, id: String) {
    self.createdAt = createdAt
    self.id = id
  }

  var text: String {
    var bytes = [Self.version]
    withUnsafeBytes(of: createdAt.milliseconds.bigEndian) { bytes += $0 }
    bytes += id.utf8
    return Base64URL.encode(bytes)
  }

  /// A token that `text` made; nil: it is none.
  init?(_ text: String, idBytesMax: Int) {
    guard text.utf8.count <= Self.bytesMax, let bytes = Base64URL.decode(text),
      bytes.count > 9, bytes[0] == Self.version
    else { return nil }
    let milliseconds = bytes[1..<9].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    let id = String(decoding: bytes[9...], as: UTF8.self)
    // A date that PostgreSQL knows; an id that can be one.
    guard RequestRules.isID(id, bytesMax: idBytesMax), milliseconds < 1 << 47 else { return nil }
    self.init(createdAt: Instant(milliseconds: Int64(milliseconds)), id: id)
  }
}

/// Base64 with the alphabet of URLs, without padding (RFC 4648, section 5).
enum Base64URL {
  static func encode(_ bytes: [UInt8]) -> String {
    let digits = Base64.encode(bytes).map { digit in
      switch digit {
      case UInt8(ascii: "+"): UInt8(ascii: "-")
      case UInt8(ascii: "/"): UInt8(ascii: "_")
      default: digit
      }
    }
    return String(decoding: digits, as: UTF8.self)
  }

  /// The bytes; nil where the text is not what `encode` writes.
  static func decode(_ text: String) -> [UInt8]? {
    let digits = text.utf8.map { digit in
      switch digit {
      case UInt8(ascii: "-"): UInt8(ascii: "+")
      case UInt8(ascii: "_"): UInt8(ascii: "/")
      default: digit
      }
    }
    guard let bytes = Base64.decode(digits.span), encode(bytes) == text else { return nil }
    return bytes
  }
}
