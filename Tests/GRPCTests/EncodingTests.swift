import Testing

@testable import GRPC

// Spans do not pass through the macros of the testing library.
private func timeout(_ text: String) -> UInt64? { Timeout.decode(Array(text.utf8).span) }
private func percentDecoded(_ bytes: [UInt8]) -> String { PercentEncoding.decode(bytes.span) }
private func base64(_ bytes: [UInt8]) -> [UInt8]? { Base64.decode(bytes.span) }

@Suite struct EncodingTests {
  @Test(
    arguments: [
      ("1H", 3_600_000_000_000), ("2M", 120_000_000_000), ("3S", 3_000_000_000), ("4m", 4_000_000),
      ("5u", 5_000), ("6n", 6), ("99999999n", 99_999_999), ("0S", 0),
    ] as [(String, UInt64)])
  func timeoutsDecode(_ text: String, _ nanoseconds: UInt64) {
    #expect(timeout(text) == nanoseconds)
  }

  @Test(arguments: ["", "S", "1", "123456789S", "-1S", "1.5S", "1s", "1 S", "１S"])
  func whatIsNoTimeoutIsRefused(_ text: String) {
    #expect(timeout(text) == nil)
  }
}

@Suite struct TextTests {
  @Test func timeoutsComeBackAsLongOrLonger() throws {
    var generator = SystemRandomNumberGenerator()
    for shift in 0..<62 {
      let nanoseconds = UInt64.random(in: 0...(1 << shift), using: &generator)
      let text = Timeout.encode(nanoseconds)
      #expect(text.utf8.count <= 9)
      let decoded = try #require(timeout(text))
      #expect(decoded >= nanoseconds)
      // At most a millisecond more, or a part in ten million.
      #expect(decoded - nanoseconds <= max(1_000_000, nanoseconds / 100_000))
    }
  }

  @Test func percentEncodingComesBack() {
    let texts = ["", "plain", "100 %", "%41", "ümläut\n\t\u{0}", "🚚"]
    for text in texts {
      #expect(percentDecoded(PercentEncoding.encode(text)) == text)
    }
  }

  @Test(arguments: [("%", "%"), ("%4", "%4"), ("%zz", "%zz"), ("%41", "A"), ("%ff", "\u{fffd}")])
  func percentDecodingNeverFails(_ encoded: String, _ text: String) {
    #expect(percentDecoded(Array(encoded.utf8)) == text)
  }

  @Test func base64ComesBackPaddedOrNot() {
    for count in 0..<50 {
      let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 * 37) }
      let encoded = Base64.encode(bytes)
      #expect(!encoded.contains(UInt8(ascii: "=")))
      #expect(base64(encoded) == bytes)
      let padding = [UInt8](
        repeating: UInt8(ascii: "="), count: (4 - encoded.count % 4) % 4)
      #expect(base64(encoded + padding) == bytes)
    }
  }

  @Test(arguments: ["A", "AA=", "A===", "AB", "A A=", "====", "AAAA=", "AA-_"])
  func whatIsNotBase64IsRefused(_ text: String) {
    #expect(base64(Array(text.utf8)) == nil)
  }

  @Test func metadataTakesOnlyWhatCanBeSent() {
    var metadata = Metadata()
    let illegal = [
      ("", "x"), (":path", "x"), ("grpc-status", "0"), ("content-type", "x"), ("te", "x"),
      ("a b", "x"), ("a", "line\nbreak"), ("a", "nö"), ("a", " edge"), ("a-bin", "!"),
      ("connection", "x"), ("host", "x"),
    ]
    for (name, value) in illegal {
      let isTaken = metadata.append(name, value)
      #expect(!isTaken, "\(name): \(value)")
    }
    #expect(metadata.isEmpty)
    let isTaken = metadata.append("MiXed", "1")
    #expect(isTaken)
    #expect(metadata.first("mixed") == "1")
  }

  @Test func deadlinesComeInOrderAndTheDeadAreThrownOut() {
    final class Call: Expiring {
      let id: Int
      var isOver = false
      init(_ id: Int) { self.id = id }
    }
    var queue = DeadlineQueue()
    let calls = (0..<10_000).map(Call.init)
    for call in calls {
      queue.insert(call, deadline: UInt64((call.id * 7_919) % 10_007))
    }
    for call in calls where call.id % 10 != 0 {
      call.isOver = true
      queue.oneIsOver()
    }
    let alive = Set(calls.filter { !$0.isOver }.map(\.id))
    #expect(queue.count < 2_200)
    var last: UInt64 = 0
    var popped: Set<Int> = []
    while let earliest = queue.earliest, let call = queue.popDue(at: .max) as? Call {
      #expect(earliest >= last)
      last = earliest
      if !call.isOver { popped.insert(call.id) }
    }
    #expect(popped == alive)
  }
}
