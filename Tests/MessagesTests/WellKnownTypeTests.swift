import Messages
import Testing

struct WellKnownTypeTests {
  @Test(
    arguments: [
      (.zero, 0, 0), (.milliseconds(1_500), 1, 500_000_000), (.nanoseconds(-1), 0, -1),
      (.milliseconds(-2_250), -2, -250_000_000), (.seconds(315_576_000_000), 315_576_000_000, 0),
    ] as [(Swift.Duration, Int64, Int32)])
  func durationsGoBothWays(_ duration: Swift.Duration, _ seconds: Int64, _ nanos: Int32) {
    let message = GoogleProtobuf.Duration(duration)
    #expect(message.seconds == seconds)
    #expect(message.nanos == nanos)
    #expect(message.duration == duration)
  }

  @Test(
    arguments: [
      (315_576_000_001, 0), (-315_576_000_001, 0), (.max, 0), (.min, 0), (1, 1_000_000_000),
      (0, .min), (1, -1), (-1, 1),
    ] as [(Int64, Int32)])
  func durationsOutOfRangeOrOfMixedSignsAreNone(_ seconds: Int64, _ nanos: Int32) {
    let message = GoogleProtobuf.Duration {
      $0.seconds = seconds
      $0.nanos = nanos
    }
    #expect(message.duration == nil)
  }

  @Test(
    arguments: [
      (0, 0, 0), (1, 0, 1_000), (-1, -1, 999_999_000), (-1_000_000, -1, 0),
      (1_700_000_000_123_456, 1_700_000_000, 123_456_000),
      (253_402_300_799_999_999, 253_402_300_799, 999_999_000),
      (-62_135_596_800_000_000, -62_135_596_800, 0),
    ] as [(Int64, Int64, Int32)])
  func timestampsGoBothWays(_ microseconds: Int64, _ seconds: Int64, _ nanos: Int32) {
    let message = GoogleProtobuf.Timestamp(microsecondsSinceEpoch: microseconds)
    #expect(message.seconds == seconds)
    #expect(message.nanos == nanos)
    #expect(message.microsecondsSinceEpoch == microseconds)
  }

  @Test(
    arguments: [
      (253_402_300_800, 0), (-62_135_596_801, 0), (.max, 0), (.min, 0), (0, -1), (0, 1_000_000_000),
    ] as [(Int64, Int32)])
  func timestampsOutOfRangeAreNone(_ seconds: Int64, _ nanos: Int32) {
    let message = GoogleProtobuf.Timestamp {
      $0.seconds = seconds
      $0.nanos = nanos
    }
    #expect(message.microsecondsSinceEpoch == nil)
  }

  @Test func anyUnpacksAsTheTypeItHoldsAlone() throws {
    let info = GoogleRPC.ErrorInfo { $0.reason = "ROLLED_BACK" }
    let any = GoogleProtobuf.AnyMessage(packing: info)
    #expect(any.typeURL == "type.googleapis.com/google.rpc.ErrorInfo")
    #expect(try any.unpacked(as: GoogleRPC.ErrorInfo.self) == info)
    #expect(try any.unpacked(as: GoogleRPC.RetryInfo.self) == nil)
    #expect(try GoogleProtobuf.AnyMessage().unpacked(as: GoogleRPC.ErrorInfo.self) == nil)
  }
}
