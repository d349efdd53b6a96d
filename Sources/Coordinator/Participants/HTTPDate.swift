import ProtoJSON

/// A date as HTTP writes it, in any of the three forms of RFC 9110, section 5.6.7:
///
///     Sun, 06 Nov 1994 08:49:37 GMT     IMF-fixdate
///     Sunday, 06-Nov-94 08:49:37 GMT    RFC 850
///     Sun Nov  6 08:49:37 1994          asctime
struct HTTPDate: Equatable {
  /// Seconds since 1970.
  let seconds: Int64

  /// Of the Gregorian calendar, on the average.
  private static let secondsOfYear: Int64 = 31_556_952
  private static let months = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
  ]
  private static let days = [
    "Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday",
  ]

  /// - Parameter now: seconds since 1970: RFC 850 leaves two digits of the year out, and means one
  ///   at most 50 years away
  init?(_ text: String, now: Int64) {
    let parts = text.split(separator: " ", omittingEmptySubsequences: true)
    switch parts.count {
    case 6 where parts[0].last == "," && parts[5] == "GMT":
      // Sun, 06 Nov 1994 08:49:37 GMT
      self.init(day: parts[1], digits: 2, month: parts[2], year: parts[3], time: parts[4])
      guard Self.days.contains(where: { $0.prefix(3) == parts[0].dropLast() }) else { return nil }
    case 4 where parts[0].last == "," && parts[3] == "GMT":
      // Sunday, 06-Nov-94 08:49:37 GMT
      let date = parts[1].split(separator: "-", omittingEmptySubsequences: false)
      guard date.count == 3, date[2].utf8.count == 2, let short = Self.number(date[2]),
        Self.days.contains(where: { $0 == parts[0].dropLast() })
      else { return nil }
      let thisYear = 1970 + now / Self.secondsOfYear
      var year = thisYear - thisYear % 100 + short
      if year > thisYear + 50 { year -= 100 }
      self.init(
        day: date[0], digits: 2, month: date[1], year: Substring(String(year)), time: parts[2])
    case 5:
      // Sun Nov  6 08:49:37 1994
      guard Self.days.contains(where: { $0.prefix(3) == parts[0] }) else { return nil }
      self.init(day: parts[2], digits: nil, month: parts[1], year: parts[4], time: parts[3])
    default: return nil
    }
  }

  private init?(
    day: Substring, digits: Int?, month: Substring, year: Substring, time: Substring
  ) {
    let clock = time.split(separator: ":", omittingEmptySubsequences: false)
    guard digits.map({ day.utf8.count == $0 }) ?? (1...2).contains(day.utf8.count),
      let day = Self.number(day), let index = Self.months.firstIndex(where: { $0 == month }),
      year.utf8.count == 4, let year = Self.number(year), clock.count == 3,
      clock.allSatisfy({ $0.utf8.count == 2 }), let hour = Self.number(clock[0]),
      let minute = Self.number(clock[1]), let second = Self.number(clock[2]),
      case let month = Int64(index + 1),
      (1...CalendarDay.daysIn(month: month, of: year)).contains(day), hour < 24, minute < 60,
      // A leap second.
      second <= 60
    else { return nil }
    let days = CalendarDay.number(year: year, month: month, day: day)
    seconds = days * 86_400 + hour * 3_600 + minute * 60 + second
  }

  private static func number(_ text: Substring) -> Int64? { wholeNumber(text).map(Int64.init) }
}
