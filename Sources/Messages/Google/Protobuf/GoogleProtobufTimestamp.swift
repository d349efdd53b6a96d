package import ProtoWire

extension GoogleProtobuf {
  /// A point in time, UTC, counted from 1970-01-01T00:00:00Z.
  package struct Timestamp: NamedMessage {
    package static let fullName = "google.protobuf.Timestamp"
    /// What `seconds` may be: from the year 1 to the end of the year 9999.
    package static let secondsRange: ClosedRange<Int64> = -62_135_596_800...253_402_300_799

    /// Whole seconds.
    package var seconds: Int64 = 0
    /// Nanoseconds that have passed since, also before 1970: 0 to 999,999,999.
    package var nanos: Int32 = 0

    package init() {}

    /// The point so many microseconds after 1970 began; negative: before.
    package init(microsecondsSinceEpoch microseconds: Int64) {
      let (quotient, remainder) = microseconds.quotientAndRemainder(dividingBy: 1_000_000)
      seconds = remainder < 0 ? quotient - 1 : quotient
      nanos = Int32(remainder < 0 ? remainder + 1_000_000 : remainder) * 1_000
    }

    /// Microseconds since 1970 began, cut downwards; nil where a part is out of range.
    package var microsecondsSinceEpoch: Int64? {
      guard Self.secondsRange.contains(seconds), (0...999_999_999).contains(nanos) else {
        return nil
      }
      return seconds * 1_000_000 + Int64(nanos / 1_000)
    }

    package mutating func merge(from reader: inout WireReader) throws(WireError) {
      while let field = try reader.nextField() {
        switch field.number {
        case 1: seconds = try reader.int64(field)
        case 2: nanos = try reader.int32(field)
        default: try reader.skip(field)
        }
      }
    }

    package func encode(into writer: inout WireWriter) {
      writer.int64(1, seconds)
      writer.int32(2, nanos)
    }
  }
}
