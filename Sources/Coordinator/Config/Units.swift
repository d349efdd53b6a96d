/// Durations as people write them: a whole number and a unit, `250ms`, `10s`, `7d`.
enum TimeSpan {
  /// The units with their length in milliseconds, longest first.
  static let units: [(name: String, milliseconds: Int)] = [
    ("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1),
  ]

  static func read(_ text: String) -> Duration? {
    guard let (number, unit) = splitUnit(text),
      let found = units.first(where: { $0.name == unit })
    else { return nil }
    let (milliseconds, overflow) = number.multipliedReportingOverflow(by: found.milliseconds)
    return overflow ? nil : .milliseconds(milliseconds)
  }

  /// In the longest unit that leaves a whole number.
  static func write(_ duration: Duration) -> String {
    let milliseconds = duration.milliseconds
    guard milliseconds != 0,
      let unit = units.first(where: { milliseconds.isMultiple(of: $0.milliseconds) })
    else { return "\(milliseconds)ms" }
    return "\(milliseconds / unit.milliseconds)\(unit.name)"
  }
}

/// Sizes as people write them: a whole number and a unit of 1024, `64KiB`, `4MiB`; a bare number
/// is bytes.
enum Size {
  /// The units with their size in bytes, largest first.
  static let units: [(name: String, bytes: Int)] = [
    ("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10), ("B", 1),
  ]

  static func read(_ text: String) -> Int? {
    if let bytes = wholeNumber(text) { return bytes }
    guard let (number, unit) = splitUnit(text),
      let found = units.first(where: { $0.name == unit })
    else { return nil }
    let (bytes, overflow) = number.multipliedReportingOverflow(by: found.bytes)
    return overflow ? nil : bytes
  }

  /// In the largest unit that leaves a whole number.
  static func write(_ bytes: Int) -> String {
    guard bytes != 0, let unit = units.first(where: { bytes.isMultiple(of: $0.bytes) })
    else { return "\(bytes)B" }
    return "\(bytes / unit.bytes)\(unit.name)"
  }
}

/// `10s` as 10 and `s`.
private func splitUnit(_ text: String) -> (number: Int, unit: Substring)? {
  let digits = text.prefix { $0.isASCII && $0.isNumber }
  guard let number = wholeNumber(digits) else { return nil }
  return (number, text[digits.endIndex...])
}

extension Duration {
  static func minutes(_ count: Int) -> Duration { .seconds(count * 60) }
  static func hours(_ count: Int) -> Duration { .seconds(count * 3600) }
  static func days(_ count: Int) -> Duration { .seconds(count * 86_400) }

  /// Whole milliseconds, rounded down.
  var milliseconds: Int {
    let (seconds, attoseconds) = components
    return Int(seconds) * 1000 + Int(attoseconds / 1_000_000_000_000_000)
  }
}
