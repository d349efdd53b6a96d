import Foundation
import Mode
import Testing

@testable import Coordinator

struct RetryAfterTests {
  /// 2026-11-21 17:00:00 UTC.
  private let now: Int64 = 1_795_280_400

  @Test(arguments: [
    ("0", 0), ("7", 7), ("007", 7), ("120", 120), ("31536000", 31_536_000),
    ("31536001", 31_536_000), ("99999999999999999999999", 31_536_000),
  ])
  func secondsAreSeconds(text: String, seconds: Int64) {
    #expect(RetryAfter.wait(text, now: now) == .seconds(seconds))
  }

  @Test(arguments: [
    "Sat, 21 Nov 2026 17:00:20 GMT", "Saturday, 21-Nov-26 17:00:20 GMT",
    "Sat Nov 21 17:00:20 2026",
  ])
  func aDateIsWaitedFor(text: String) {
    #expect(RetryAfter.wait(text, now: now) == .seconds(20))
  }

  @Test func aDateThatHasPassedIsNow() {
    #expect(RetryAfter.wait("Sun, 06 Nov 1994 08:49:37 GMT", now: now) == .seconds(0))
  }

  @Test(arguments: [
    "", " ", "soon", "-1", "+1", "1.5", "1 s", "٣", "Sat, 21 Nov 2026 17:00:20",
    "Sat, 21 Nov 2026 17:00:20 CET", "Sat, 21 Nov 26 17:00:20 GMT", "Sat, 1 Nov 2026 17:00:20 GMT",
    "Sat, 31 Nov 2026 17:00:20 GMT", "Sat, 29 Feb 2027 17:00:20 GMT",
    "Sat, 00 Nov 2026 17:00:20 GMT",
    "Sat, 21 Nov 2026 24:00:00 GMT", "Sat, 21 Nov 2026 17:60:00 GMT",
    "Sat, 21 Nov 2026 17:0:00 GMT",
    "Xyz, 21 Nov 2026 17:00:20 GMT", "Sat, 21 Xyz 2026 17:00:20 GMT",
    "sat, 21 nov 2026 17:00:20 gmt",
    "Sat, 21-Nov-26 17:00:20 GMT", "Saturday, 21-Nov-2026 17:00:20 GMT", "Nov 21 17:00:20 2026",
    "2026-11-21T17:00:20Z",
  ])
  func whatIsInNoFormSaysNothing(text: String) {
    #expect(RetryAfter.wait(text, now: now) == nil)
  }

  @Test func theExampleOfTheRFCIsThatSecond() {
    for text in [
      "Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994",
    ] {
      #expect(HTTPDate(text, now: now)?.seconds == 784_111_777)
    }
  }

  @Test func twoDigitsOfAYearMeanOneAtMostFiftyYearsAway() {
    #expect(HTTPDate("Sunday, 01-Jan-76 00:00:00 GMT", now: now)?.seconds == 3_345_062_400)
    #expect(HTTPDate("Sunday, 01-Jan-77 00:00:00 GMT", now: now)?.seconds == 220_924_800)
  }

  @Test func everyDayOfFourCenturiesIsFoundationsDay() {
    var calendar = Calendar(identifier: .gregorian)
    calendar.timeZone = TimeZone(secondsFromGMT: 0)!
    let months = [
      "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]
    for day in stride(from: Int64(-25_567), to: 120_000, by: 17) {
      let seconds = day * 86_400 + 3_723
      let parts = calendar.dateComponents(
        [.year, .month, .day], from: Date(timeIntervalSince1970: Double(seconds)))
      let (year, month, dayOfMonth) = (parts.year!, parts.month!, parts.day!)
      let two = dayOfMonth < 10 ? "0\(dayOfMonth)" : "\(dayOfMonth)"
      let text = "Sun, \(two) \(months[month - 1]) \(year) 01:02:03 GMT"
      #expect(HTTPDate(text, now: now)?.seconds == seconds, "\(text)")
    }
  }
}
