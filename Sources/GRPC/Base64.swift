/// Base64 as `-bin` metadata uses it: sent without padding, taken with and without it.
package enum Base64 {
  private static let alphabet = Array(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

  /// Values of the digits; 0xff: not one.
  private static let values: [UInt8] = {
    var values = [UInt8](repeating: 0xff, count: 256)
    for (value, digit) in alphabet.enumerated() {
      values[Int(digit)] = UInt8(value)
    }
    return values
  }()

  package static func encode(_ bytes: some Collection<UInt8>) -> [UInt8] {
    var encoded: [UInt8] = []
    encoded.reserveCapacity((bytes.count * 4 + 2) / 3)
    var buffer: UInt32 = 0
    var bits = 0
    for byte in bytes {
      buffer = buffer << 8 | UInt32(byte)
      bits += 8
      while bits >= 6 {
        bits -= 6
        encoded.append(alphabet[Int(buffer >> UInt32(bits) & 0x3f)])
      }
    }
    if bits > 0 {
      encoded.append(alphabet[Int(buffer << UInt32(6 - bits) & 0x3f)])
    }
    return encoded
  }

  /// The bytes behind it, or nil where it is not base64: a strange character, a lone digit, bits
  /// that say nothing.
  package static func decode(_ encoded: Span<UInt8>) -> [UInt8]? {
    var end = encoded.count
    var padding = 0
    while end > 0, padding < 2, encoded[end - 1] == UInt8(ascii: "=") {
      end -= 1
      padding += 1
    }
    if padding > 0, (end + padding) % 4 != 0 { return nil }
    if end % 4 == 1 { return nil }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(end * 3 / 4)
    var buffer: UInt32 = 0
    var bits = 0
    for index in 0..<end {
      let value = values[Int(encoded[index])]
      guard value != 0xff else { return nil }
      buffer = buffer << 6 | UInt32(value)
      bits += 6
      if bits >= 8 {
        bits -= 8
        bytes.append(UInt8(truncatingIfNeeded: buffer >> UInt32(bits)))
      }
    }
    guard buffer & (1 << UInt32(bits) - 1) == 0 else { return nil }
    return bytes
  }
}
