/// Reads protobuf fields from one contiguous run of bytes. A sub-message is read by the same
/// reader, its `end` moved in for as long as it takes.
///
/// The reader borrows memory, so it is neither copied nor made outside `WireMessage.merge(wire:)`
/// and `withReader`, whose callers keep the memory in place. After an error it is of no more use.
public struct WireReader: ~Copyable {
  /// How deep messages and groups may nest below the outermost one, in levels.
  public static let nestingMax = 100

  @usableFromInline let start: UnsafeRawPointer
  @usableFromInline var position: UnsafeRawPointer
  /// The end of the message that is being read.
  @usableFromInline var end: UnsafeRawPointer
  /// Levels that may still be entered.
  @usableFromInline var levelsLeft: Int

  @inlinable
  init(start: UnsafeRawPointer, count: Int) {
    self.start = start
    position = start
    end = start + count
    levelsLeft = WireReader.nestingMax
  }

  /// Reads `bytes` field by field without a message type.
  public static func withReader<Result>(
    over bytes: [UInt8], _ body: (inout WireReader) throws(WireError) -> Result
  ) throws(WireError) -> Result {
    try bytes.withUnsafeBufferPointer { (buffer) throws(WireError) in
      // An array's buffer has an address even when it is empty.
      var reader = WireReader(start: buffer.baseAddress.unsafelyUnwrapped, count: buffer.count)
      return try body(&reader)
    }
  }

  /// Where the reader stands, in bytes from the start of the outermost message.
  @inlinable @inline(__always)
  public var offset: Int { position - start }

  /// The bytes that are left of the message being read.
  @inlinable @inline(__always)
  public var remaining: Int { end - position }

  /// The next field's tag, or nil at the end of the message.
  @inlinable @inline(__always)
  public mutating func nextField() throws(WireError) -> WireField? {
    if position == end { return nil }
    let offset = self.offset
    let tag = try tag()
    if tag & 7 == WireType.endGroup.rawValue { throw .badTag(offset: offset) }
    return WireField(tag: tag, offset: offset)
  }

  /// A tag with a valid number and one of the six wire types.
  @inlinable @inline(__always)
  mutating func tag() throws(WireError) -> UInt32 {
    let first = position.load(as: UInt8.self)
    // One byte, wire type at most 5, number at least 1: most tags there are.
    if first &- 8 < 0x78, first & 7 < 6 {
      position += 1
      return UInt32(first)
    }
    return try longTag()
  }

  @usableFromInline
  mutating func longTag() throws(WireError) -> UInt32 {
    let offset = self.offset
    let bits = try varint()
    let isShort = self.offset - offset <= 5
    guard isShort, let tag = UInt32(exactly: bits), tag >> 3 != 0, tag & 7 < 6 else {
      throw .badTag(offset: offset)
    }
    return tag
  }

  @inlinable @inline(__always)
  mutating func varint() throws(WireError) -> UInt64 {
    if position != end {
      let first = position.load(as: UInt8.self)
      if first < 0x80 {
        position += 1
        return UInt64(first)
      }
    }
    return try longVarint()
  }

  @usableFromInline
  mutating func longVarint() throws(WireError) -> UInt64 {
    var next = position
    var value: UInt64 = 0
    var shift: UInt64 = 0
    while next != end {
      let byte = UInt64(next.load(as: UInt8.self))
      next += 1
      // The tenth byte has room for one bit.
      if shift == 63 && byte > 1 { throw .overlongVarint(offset: offset) }
      value |= (byte & 0x7F) &<< shift
      if byte < 0x80 {
        position = next
        return value
      }
      shift &+= 7
    }
    throw .truncated(offset: offset)
  }

  @inlinable @inline(__always)
  mutating func fixed4() throws(WireError) -> UInt32 {
    guard remaining >= 4 else { throw .truncated(offset: offset) }
    let bits = position.loadUnaligned(as: UInt32.self)
    position += 4
    return UInt32(littleEndian: bits)
  }

  @inlinable @inline(__always)
  mutating func fixed8() throws(WireError) -> UInt64 {
    guard remaining >= 8 else { throw .truncated(offset: offset) }
    let bits = position.loadUnaligned(as: UInt64.self)
    position += 8
    return UInt64(littleEndian: bits)
  }

  /// A length that has been checked against what is left.
  @inlinable @inline(__always)
  mutating func length() throws(WireError) -> Int {
    let offset = self.offset
    let length = try varint()
    guard length <= UInt64(remaining) else { throw .lengthBeyondEnd(offset: offset) }
    return Int(length)
  }

  @usableFromInline
  mutating func stringValue() throws(WireError) -> String {
    let length = try length()
    if length == 0 { return "" }
    let bytes = UnsafeBufferPointer(
      start: position.assumingMemoryBound(to: UInt8.self), count: length)
    guard isASCII(length) else {
      guard let text = String(validating: bytes, as: UTF8.self) else {
        throw .invalidUTF8(offset: offset)
      }
      position += length
      return text
    }
    // Repairs nothing in ASCII, and takes half the time of validating.
    position += length
    return String(decoding: bytes, as: UTF8.self)
  }

  /// Whether the next bytes are ASCII, eight at a time.
  private func isASCII(_ count: Int) -> Bool {
    var next = position
    let last = position + count
    var bits: UInt64 = 0
    while last - next >= 8 {
      bits |= next.loadUnaligned(as: UInt64.self)
      next += 8
    }
    while next != last {
      bits |= UInt64(next.load(as: UInt8.self))
      next += 1
    }
    return bits & 0x8080_8080_8080_8080 == 0
  }

  @usableFromInline
  mutating func bytesValue() throws(WireError) -> [UInt8] {
    let length = try length()
    if length == 0 { return [] }
    let bytes = [UInt8](UnsafeRawBufferPointer(start: position, count: length))
    position += length
    return bytes
  }

  /// Moves `end` in to the end of the sub-message whose length comes next; returns the old end.
  @inlinable @inline(__always)
  mutating func enterMessage(at tagOffset: Int) throws(WireError) -> UnsafeRawPointer {
    guard levelsLeft > 0 else { throw .nestingTooDeep(offset: tagOffset) }
    let length = try length()
    levelsLeft -= 1
    let outerEnd = end
    end = position + length
    return outerEnd
  }

  @inlinable @inline(__always)
  mutating func leaveMessage(outerEnd: UnsafeRawPointer) {
    position = end
    end = outerEnd
    levelsLeft += 1
  }
}
