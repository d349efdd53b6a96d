import Testing

@testable import GRPC

@Suite struct EncodingTests {
  @Test(
    arguments: [
      ("1H", 3_600_000_000_000), ("2M", 120_000_000_000), ("3S", 3_000_000_000), ("4m", 4_000_000),
      ("5u", 5_000), ("6n", 6), ("99999999n", 99_999_999), ("0S", 0),
    ] as [(String, UInt64)])
  func timeoutsDecode(_ text: String, _ nanoseconds: UInt64) {
    #expect(Timeout.decode(Array(text.utf8).span) == nanoseconds)
  }

  @Test(arguments: ["", "S", "1", "123456789S", "-1S", "1.5S", "1s", "1 S", "１S"])
  func whatIsNoTimeoutIsRefused(_ text: String) {
    #expect(Timeout.decode(Array(text.utf8).span) == nil)
  }
}
