// This module says `public` where the others say `package`: the compiler (6.3) hands the bodies of
// inlinable functions to other modules only where they are public, and without them every field
// costs a call and every list of messages runs unspecialized, at a third of the speed.

/// A protobuf message, written by hand: a struct whose fields hold proto3 defaults after `init()`.
public protocol WireMessage: Equatable, Sendable {
  /// The message with every field at its default.
  init()

  /// Merges fields from the reader until its end: the last scalar wins, sub-messages merge,
  /// repeated fields append, unknown fields are skipped.
  mutating func merge(from reader: inout WireReader) throws(WireError)

  /// Writes every field that is not at its default, in ascending order of field numbers.
  func encode(into writer: inout WireWriter)
}

extension WireMessage {
  /// Decodes a whole message.
  @inlinable
  public init(wire bytes: [UInt8]) throws(WireError) {
    self.init()
    try merge(wire: bytes)
  }

  /// Decodes a whole message; offsets in errors count from the slice's start.
  @inlinable
  public init(wire bytes: ArraySlice<UInt8>) throws(WireError) {
    self.init()
    try bytes.withUnsafeBufferPointer { (buffer) throws(WireError) in
      try self.merge(wire: UnsafeRawBufferPointer(buffer))
    }
  }

  /// Decodes a whole message from memory that outlives this call, such as a network buffer.
  @inlinable
  public init(wire bytes: UnsafeRawBufferPointer) throws(WireError) {
    self.init()
    try merge(wire: bytes)
  }

  /// Merges a whole message into this one.
  @inlinable
  public mutating func merge(wire bytes: [UInt8]) throws(WireError) {
    try bytes.withUnsafeBufferPointer { (buffer) throws(WireError) in
      try self.merge(wire: UnsafeRawBufferPointer(buffer))
    }
  }

  /// Merges a whole message from memory that outlives this call into this one.
  @inlinable
  public mutating func merge(wire bytes: UnsafeRawBufferPointer) throws(WireError) {
    guard let start = bytes.baseAddress, !bytes.isEmpty else { return }
    var reader = WireReader(start: start, count: bytes.count)
    try merge(from: &reader)
  }

  /// The message as bytes. `prefix` zero bytes are left in front, for a frame's header.
  @inlinable
  public func wireBytes(prefix: Int = 0) -> [UInt8] {
    var writer = WireWriter()
    writer.zeros(prefix)
    encode(into: &writer)
    return writer.bytes()
  }
}

/// A protobuf enum. Enums are open in proto3, so a value without a name is kept: a struct around
/// the raw value with static members, or a Swift enum with an `unrecognized(Int32)` case.
public protocol WireEnum: RawRepresentable, Hashable, Sendable where RawValue == Int32 {
  /// Every raw value is a value; 0 is the default.
  init(rawValue: Int32)
}
