import Glibc

/// The ids of transactions whose callers chose none.
enum TransactionID {
  /// A new UUID of version 7 (RFC 9562, section 5.7): by time, so that ids made one after the other
  /// lie together in an index.
  static func generate() -> String {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    let milliseconds = UInt64(time.tv_sec) * 1_000 + UInt64(time.tv_nsec) / 1_000_000
    return uuid(
      milliseconds: milliseconds, random: (.random(in: 0 ... .max), .random(in: 0 ... .max)))
  }

  /// - Parameters:
  ///   - milliseconds: since 1970 began; 48 bits of it count
  ///   - random: 12 bits of the first and 62 of the second count
  static func uuid(milliseconds: UInt64, random: (UInt64, UInt64)) -> String {
    let high = milliseconds << 16 | 0x7000 | random.0 & 0x0FFF
    let low = 0x8000_0000_0000_0000 | random.1 & 0x3FFF_FFFF_FFFF_FFFF
    return String(unsafeUninitializedCapacity: 36) { text in
      var place = 0
      for index in 0..<32 {
        if index == 8 || index == 12 || index == 16 || index == 20 {
          text[place] = UInt8(ascii: "-")
          place += 1
        }
        let word = index < 16 ? high : low
        let digit = UInt8(truncatingIfNeeded: word >> UInt64(60 - index % 16 * 4)) & 0xF
        text[place] = digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10
        place += 1
      }
      return place
    }
  }
}
