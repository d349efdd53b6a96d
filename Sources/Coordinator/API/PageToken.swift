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
  private static let alphabet = Array(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)

  static func encode(_ bytes: [UInt8]) -> String {
    var text: [UInt8] = []
    text.reserveCapacity((bytes.count * 4 + 2) / 3)
    var bits: UInt32 = 0
    var count = 0
    for byte in bytes {
      bits = bits << 8 | UInt32(byte)
      count += 8
      while count >= 6 {
        count -= 6
        text.append(alphabet[Int(bits >> UInt32(count) & 0x3F)])
      }
    }
    if count > 0 { text.append(alphabet[Int(bits << UInt32(6 - count) & 0x3F)]) }
    return String(decoding: text, as: UTF8.self)
  }

  /// The bytes; nil where the text is not what `encode` writes.
  static func decode(_ text: String) -> [UInt8]? {
    var bytes: [UInt8] = []
    var bits: UInt32 = 0
    var count = 0
    for character in text.utf8 {
      guard let value = alphabet.firstIndex(of: character) else { return nil }
      bits = bits << 6 | UInt32(value)
      count += 6
      if count >= 8 {
        count -= 8
        bytes.append(UInt8(truncatingIfNeeded: bits >> UInt32(count)))
      }
    }
    return encode(bytes) == text ? bytes : nil
  }
}
