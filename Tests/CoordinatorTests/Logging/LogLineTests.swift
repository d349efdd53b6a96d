import Foundation
import Logging
import Testing

@testable import Coordinator

@Suite struct LogLineTests {
  private func line(_ message: String, _ metadata: Logger.Metadata = [:]) -> LogLine {
    LogLine(time: "2026-01-31T12:00:00.000Z", level: .info, message: message, metadata: metadata)
  }

  @Test func aLineForPeopleHasItsMetadataInOrder() {
    let line = line("decided", ["transaction": "order-1", "branch": "stock", "text": "a b\"c"])
    #expect(
      line.text(.text)
        == #"2026-01-31T12:00:00.000Z info     decided branch=stock text="a b\"c" transaction=order-1"#
    )
  }

  @Test func whatOthersWroteCannotMakeASecondLineOrColourTheTerminal() {
    let text = line("said\nERROR", ["text": "\u{1B}[31m\n"]).text(.text)
    #expect(!text.contains("\n") && !text.contains("\u{1B}"))
  }

  @Test func aLineForMachinesIsOneObject() throws {
    let line = line(
      "said \"x\"\n\u{1}",
      ["message": "other", "list": .array(["a", "b"]), "map": .dictionary(["k": "v"])])
    let text = line.text(.json)
    #expect(!text.contains("\n"))
    let object = try #require(
      JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    #expect(object["message"] as? String == "said \"x\"\n\u{1}")
    #expect(object["message_"] as? String == "other")
    #expect(object["list"] as? [String] == ["a", "b"])
    #expect(object["map"] as? [String: String] == ["k": "v"])
    #expect(object["level"] as? String == "info")
  }

  @Test func theTimeIsISO8601InUTC() {
    #expect(
      LogTime.now()
        .wholeMatch(of: /20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/) != nil)
  }
}
