/// `grpc-timeout`: at most eight digits and a unit (gRPC over HTTP/2, "Timeout").
package enum Timeout {
  private static let digitsMax = 8

  /// Nanoseconds, or nil where the text is none. What does not fit into 64 bits is "very long", not
  /// an error.
  package static func decode(_ text: Span<UInt8>) -> UInt64? {
    guard text.count >= 2, text.count <= digitsMax + 1 else { return nil }
    var value: UInt64 = 0
    for index in 0..<text.count - 1 {
      let byte = text[index]
      guard byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") else { return nil }
      value = value * 10 + UInt64(byte - UInt8(ascii: "0"))
    }
    let unit: UInt64
    switch text[text.count - 1] {
    case UInt8(ascii: "H"): unit = 3_600_000_000_000
    case UInt8(ascii: "M"): unit = 60_000_000_000
    case UInt8(ascii: "S"): unit = 1_000_000_000
    case UInt8(ascii: "m"): unit = 1_000_000
    case UInt8(ascii: "u"): unit = 1_000
    case UInt8(ascii: "n"): unit = 1
    default: return nil
    }
    return value.multipliedReportingOverflow(by: unit).overflow ? .max : value * unit
  }

  /// The text for this many nanoseconds, rounded up. Whole milliseconds from one second on, so that
  /// repeated calls send the same text, which HPACK then sends as one byte.
  package static func encode(_ nanoseconds: UInt64) -> String {
    let smallest = nanoseconds >= 1_000_000_000 ? 2 : 0
    for (name, unit) in units[smallest...] {
      let value = nanoseconds / unit + (nanoseconds % unit == 0 ? 0 : 1)
      if value <= 99_999_999 { return String(value) + name }
    }
    return "99999999H"
  }

  private static let units: [(name: String, nanoseconds: UInt64)] = [
    ("n", 1), ("u", 1_000), ("m", 1_000_000), ("S", 1_000_000_000), ("M", 60_000_000_000),
    ("H", 3_600_000_000_000),
  ]
}
