/// `grpc-message`: percent-encoding of UTF-8, all but printable ASCII and the percent sign itself
/// (gRPC over HTTP/2, "Status-Message").
package enum PercentEncoding {
  private static let digits = Array("0123456789ABCDEF".utf8)

  /// The text encoded; cut between two characters where the result would be longer than `bytesMax`.
  package static func encode(_ text: String, bytesMax: Int = .max) -> [UInt8] {
    var encoded: [UInt8] = []
    encoded.reserveCapacity(min(text.utf8.count, bytesMax))
    for scalar in text.unicodeScalars {
      let start = encoded.count
      for byte in UTF8.encode(scalar)! {
        if byte >= 0x20, byte <= 0x7e, byte != UInt8(ascii: "%") {
          encoded.append(byte)
        } else {
          encoded.append(UInt8(ascii: "%"))
          encoded.append(digits[Int(byte >> 4)])
          encoded.append(digits[Int(byte & 0xf)])
        }
      }
      if encoded.count > bytesMax {
        encoded.removeSubrange(start...)
        break
      }
    }
    escapeOuterSpaces(&encoded, bytesMax: bytesMax)
    return encoded
  }

  /// A field value that begins or ends with a space is malformed (RFC 9113, section 8.2.1).
  private static func escapeOuterSpaces(_ encoded: inout [UInt8], bytesMax: Int) {
    let space = UInt8(ascii: " ")
    if encoded.first == space, encoded.count + 2 <= bytesMax {
      encoded.replaceSubrange(0..<1, with: "%20".utf8)
    }
    if encoded.last == space, encoded.count + 2 <= bytesMax {
      encoded.replaceSubrange((encoded.count - 1)..., with: "%20".utf8)
    }
    while encoded.last == space { encoded.removeLast() }
  }

  /// The text behind it. Never fails: what is no escape stays as it is, what is no UTF-8 becomes
  /// U+FFFD.
  package static func decode(_ encoded: Span<UInt8>) -> String {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(encoded.count)
    var index = 0
    while index < encoded.count {
      if encoded[index] == UInt8(ascii: "%"), index + 2 < encoded.count,
        let high = hexValue(encoded[index + 1]), let low = hexValue(encoded[index + 2])
      {
        bytes.append(high << 4 | low)
        index += 3
      } else {
        bytes.append(encoded[index])
        index += 1
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  private static func hexValue(_ byte: UInt8) -> UInt8? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
    default: nil
    }
  }
}
