import Messages
import ProtoWire

/// The well-known types that JSON writes in a way of their own.
enum WellKnown {
  static let any = "google.protobuf.Any"
  static let duration = "google.protobuf.Duration"
  static let timestamp = "google.protobuf.Timestamp"

  /// Whether the type is not written as an object of its fields.
  static func hasOwnForm(_ name: String) -> Bool {
    name == any || name == duration || name == timestamp
  }

  /// What stands behind the last `/`.
  static func messageName(ofURL url: String) -> String {
    String(url[(url.lastIndex(of: "/").map(url.index(after:)) ?? url.startIndex)...])
  }

  /// Why a text was refused.
  struct Refusal: Error {
    let expected: String
  }

  // MARK: Duration

  /// 10,000 years, as duration.proto has it.
  private static let durationSecondsMax: Int64 = 315_576_000_000

  static func durationBytes(_ text: String) -> Result<[UInt8], Refusal> {
    let refusal = Refusal(expected: "is no duration; write seconds, such as \"1.5s\"")
    var scanner = TextScanner(text)
    let isNegative = scanner.takes("-")
    guard let seconds = scanner.number(digits: 1...12), seconds <= durationSecondsMax,
      let nanos = scanner.fraction(), scanner.takes("s"), scanner.isAtEnd,
      seconds < durationSecondsMax || nanos == 0
    else { return .failure(refusal) }
    let duration = GoogleProtobuf.Duration {
      $0.seconds = isNegative ? -seconds : seconds
      $0.nanos = isNegative ? -nanos : nanos
    }
    return .success(duration.wireBytes())
  }

  static func durationText(_ bytes: [UInt8]) throws(WireError) -> String? {
    let duration = try GoogleProtobuf.Duration(wire: bytes)
    let (seconds, nanos) = (duration.seconds, duration.nanos)
    guard seconds.magnitude <= UInt64(durationSecondsMax), nanos.magnitude < 1_000_000_000,
      seconds == 0 || nanos == 0 || (seconds < 0) == (nanos < 0)
    else { return nil }
    let sign = seconds < 0 || nanos < 0 ? "-" : ""
    return sign + String(seconds.magnitude) + fraction(nanos.magnitude) + "s"
  }

  // MARK: Timestamp

  static func timestampBytes(_ text: String) -> Result<[UInt8], Refusal> {
    let refusal = Refusal(
      expected: "is no time of RFC 3339 in the years 1 to 9999, such as \"2026-01-31T12:00:00Z\"")
    var scanner = TextScanner(text)
    guard let year = scanner.number(digits: 4...4), scanner.takes("-"),
      let month = scanner.number(digits: 2...2), scanner.takes("-"),
      let day = scanner.number(digits: 2...2), scanner.takes("T"),
      let hour = scanner.number(digits: 2...2), scanner.takes(":"),
      let minute = scanner.number(digits: 2...2), scanner.takes(":"),
      let second = scanner.number(digits: 2...2), let nanos = scanner.fraction(),
      let offset = scanner.offset(), scanner.isAtEnd,
      (1...12).contains(month), day >= 1, day <= CalendarDay.daysIn(month: month, of: year),
      hour < 24, minute < 60, second < 60
    else { return .failure(refusal) }
    let days = CalendarDay.number(year: year, month: month, day: day)
    let seconds = days * 86_400 + hour * 3_600 + minute * 60 + second - offset
    guard (CalendarDay.secondsMin...CalendarDay.secondsMax).contains(seconds) else {
      return .failure(refusal)
    }
    let timestamp = GoogleProtobuf.Timestamp {
      $0.seconds = seconds
      $0.nanos = nanos
    }
    return .success(timestamp.wireBytes())
  }

  static func timestampText(_ bytes: [UInt8]) throws(WireError) -> String? {
    let timestamp = try GoogleProtobuf.Timestamp(wire: bytes)
    let (seconds, nanos) = (timestamp.seconds, timestamp.nanos)
    guard (CalendarDay.secondsMin...CalendarDay.secondsMax).contains(seconds),
      (0..<1_000_000_000).contains(nanos)
    else { return nil }
    let days = seconds >= 0 ? seconds / 86_400 : -((-seconds + 86_399) / 86_400)
    let rest = seconds - days * 86_400
    let date = CalendarDay.date(days)
    return padded(date.year, 4) + "-" + padded(date.month, 2) + "-" + padded(date.day, 2) + "T"
      + padded(rest / 3_600, 2) + ":" + padded(rest / 60 % 60, 2) + ":" + padded(rest % 60, 2)
      + fraction(nanos.magnitude) + "Z"
  }

  // MARK: text

  /// A point and 3, 6 or 9 digits, as many as are needed; nothing for 0.
  private static func fraction(_ nanos: UInt32) -> String {
    if nanos == 0 { return "" }
    if nanos % 1_000_000 == 0 { return "." + padded(Int64(nanos / 1_000_000), 3) }
    if nanos % 1_000 == 0 { return "." + padded(Int64(nanos / 1_000), 6) }
    return "." + padded(Int64(nanos), 9)
  }

  private static func padded(_ number: Int64, _ width: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
  }
}

/// Takes a text apart from its beginning.
private struct TextScanner {
  private var rest: Substring.UTF8View

  init(_ text: String) {
    rest = text[...].utf8
  }

  var isAtEnd: Bool { rest.isEmpty }

  mutating func takes(_ character: Character) -> Bool {
    guard let byte = character.asciiValue, rest.first == byte else { return false }
    rest = rest.dropFirst()
    return true
  }

  /// As many digits as there are, within bounds.
  mutating func number(digits: ClosedRange<Int>) -> Int64? {
    var value: Int64 = 0
    var count = 0
    while let byte = rest.first, byte &- UInt8(ascii: "0") < 10 {
      count += 1
      if count > digits.upperBound { return nil }
      value = value * 10 + Int64(byte - UInt8(ascii: "0"))
      rest = rest.dropFirst()
    }
    return digits.contains(count) ? value : nil
  }

  /// Nanoseconds from a point and 1 to 9 digits; 0 where there is no point.
  mutating func fraction() -> Int32? {
    guard takes(".") else { return 0 }
    let before = rest.count
    guard let number = number(digits: 1...9) else { return nil }
    var nanos = number
    for _ in (before - rest.count)..<9 { nanos *= 10 }
    return Int32(nanos)
  }

  /// Seconds east of UTC: `Z`, `+02:00`, `-05:30`.
  mutating func offset() -> Int64? {
    if takes("Z") { return 0 }
    let isNegative = takes("-")
    guard isNegative || takes("+"), let hours = number(digits: 2...2), hours < 24, takes(":"),
      let minutes = number(digits: 2...2), minutes < 60
    else { return nil }
    let offset = hours * 3_600 + minutes * 60
    return isNegative ? -offset : offset
  }
}
