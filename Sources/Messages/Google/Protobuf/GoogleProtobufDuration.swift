package import ProtoWire

extension GoogleProtobuf {
  /// A span of time. Both parts have the same sign.
  package struct Duration: NamedMessage {
    package static let fullName = "google.protobuf.Duration"
    /// What `seconds` may be, either way: 10,000 years.
    package static let secondsMax: Int64 = 315_576_000_000

    /// Whole seconds.
    package var seconds: Int64 = 0
    /// The rest, in nanoseconds: less than a second.
    package var nanos: Int32 = 0

    package init() {}

    /// The span that a `Swift.Duration` stands for, cut to nanoseconds.
    package init(_ duration: Swift.Duration) {
      let (seconds, attoseconds) = duration.components
      self.seconds = seconds
      nanos = Int32(attoseconds / 1_000_000_000)
    }

    /// The span as Swift knows it; nil where the parts are out of range or differ in sign.
    package var duration: Swift.Duration? {
      guard
        (-Self.secondsMax...Self.secondsMax).contains(seconds),
        (-999_999_999...999_999_999).contains(nanos),
        seconds == 0 || nanos == 0 || (seconds < 0) == (nanos < 0)
      else { return nil }
      return .seconds(seconds) + .nanoseconds(Int64(nanos))
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
