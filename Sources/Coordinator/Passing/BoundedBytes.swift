import ProtoWire

/// A part of a request while it is made: replies are put into it as often as somebody has asked,
/// and it grows no longer than what a caller could have sent.
struct BoundedBytes {
  private(set) var bytes: [UInt8] = []
  private let bytesMax: Int
  private let tooLong: Passing.Problem

  /// - Parameter tooLong: what is said past `bytesMax`
  init(bytesMax: Int, tooLong: Passing.Problem) {
    self.bytesMax = bytesMax
    self.tooLong = tooLong
  }

  /// What is empty, with the room that is left here.
  var rest: BoundedBytes { BoundedBytes(bytesMax: bytesMax - bytes.count, tooLong: tooLong) }

  mutating func append(_ more: some Collection<UInt8>) throws(Passing.Problem) {
    if more.count > bytesMax - bytes.count { throw tooLong }
    bytes += more
  }

  mutating func append(_ field: RawField) throws(Passing.Problem) {
    if field.encodedCount > bytesMax - bytes.count { throw tooLong }
    field.append(to: &bytes)
  }
}
