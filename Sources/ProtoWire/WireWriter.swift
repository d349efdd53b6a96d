/// Writes protobuf fields, each nested message in the same pass: one byte is left for its length,
/// and a message that turns out to need more is moved up by as much.
public struct WireWriter: ~Copyable {
  /// What a writer starts with, in bytes; it doubles from there.
  @usableFromInline static let capacityAtStart = 1_024

  @usableFromInline var base: UnsafeMutableRawPointer
  @usableFromInline var count: Int
  @usableFromInline var capacity: Int

  /// An empty writer.
  @inlinable
  public init() {
    base = .allocate(byteCount: WireWriter.capacityAtStart, alignment: 16)
    count = 0
    capacity = WireWriter.capacityAtStart
  }

  deinit { base.deallocate() }

  /// What has been written, as an array.
  @inlinable
  public borrowing func bytes() -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
      UnsafeMutableRawBufferPointer(buffer).copyMemory(
        from: UnsafeRawBufferPointer(start: base, count: count))
      initialized = count
    }
  }

  /// What has been written, for the duration of `body`.
  @inlinable
  public borrowing func withBytes<Result, Failure: Error>(
    _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try body(UnsafeRawBufferPointer(start: base, count: count))
  }

  /// Zero bytes, as many as asked for.
  @inlinable
  public mutating func zeros(_ number: Int) {
    if number == 0 { return }
    reserve(number)
    (base + count).initializeMemory(as: UInt8.self, repeating: 0, count: number)
    count += number
  }

  /// The bytes of a text, without a tag: what is signed or hashed together with fields.
  @inlinable
  public mutating func raw(_ text: StaticString) {
    reserve(text.utf8CodeUnitCount)
    (base + count).copyMemory(from: text.utf8Start, byteCount: text.utf8CodeUnitCount)
    count += text.utf8CodeUnitCount
  }

  @inlinable @inline(__always)
  mutating func reserve(_ number: Int) {
    if capacity &- count < number { grow(number) }
  }

  @usableFromInline @inline(never)
  mutating func grow(_ number: Int) {
    let larger = max(capacity * 2, count + number)
    let moved = UnsafeMutableRawPointer.allocate(byteCount: larger, alignment: 16)
    moved.copyMemory(from: base, byteCount: count)
    base.deallocate()
    base = moved
    capacity = larger
  }

  @inlinable @inline(__always)
  mutating func varint(_ bits: UInt64) {
    reserve(10)
    putVarint(bits)
  }

  /// A varint into room that has been reserved.
  @inlinable @inline(__always)
  mutating func putVarint(_ bits: UInt64) {
    var bits = bits
    var next = base + count
    while bits >= 0x80 {
      next.storeBytes(of: UInt8(truncatingIfNeeded: bits) | 0x80, as: UInt8.self)
      next += 1
      bits >>= 7
    }
    next.storeBytes(of: UInt8(truncatingIfNeeded: bits), as: UInt8.self)
    count = next - base + 1
  }

  @inlinable @inline(__always)
  mutating func fixed4(_ bits: UInt32) {
    reserve(4)
    (base + count).storeBytes(of: bits.littleEndian, as: UInt32.self)
    count += 4
  }

  @inlinable @inline(__always)
  mutating func fixed8(_ bits: UInt64) {
    reserve(8)
    (base + count).storeBytes(of: bits.littleEndian, as: UInt64.self)
    count += 8
  }

  @inlinable @inline(__always)
  mutating func tag(_ number: Int, _ type: WireType) {
    varint(UInt64(truncatingIfNeeded: number) << 3 | UInt64(type.rawValue))
  }

  @inlinable @inline(__always)
  mutating func varintField(_ number: Int, _ bits: UInt64, _ always: Bool) {
    if always || bits != 0 {
      tag(number, .varint)
      varint(bits)
    }
  }

  @inlinable @inline(__always)
  mutating func fixed4Field(_ number: Int, _ bits: UInt32, _ always: Bool) {
    if always || bits != 0 {
      tag(number, .fixed32)
      fixed4(bits)
    }
  }

  @inlinable @inline(__always)
  mutating func fixed8Field(_ number: Int, _ bits: UInt64, _ always: Bool) {
    if always || bits != 0 {
      tag(number, .fixed64)
      fixed8(bits)
    }
  }

  @usableFromInline
  mutating func stringValue(_ value: String) {
    var value = value
    value.withUTF8 { counted(UnsafeRawBufferPointer($0)) }
  }

  @usableFromInline
  mutating func bytesValue(_ value: [UInt8]) {
    value.withUnsafeBytes { counted($0) }
  }

  @inlinable @inline(__always)
  mutating func counted(_ bytes: UnsafeRawBufferPointer) {
    reserve(bytes.count + 10)
    putVarint(UInt64(truncatingIfNeeded: bytes.count))
    if let source = bytes.baseAddress {
      (base + count).copyMemory(from: source, byteCount: bytes.count)
      count += bytes.count
    }
  }

  /// Leaves one byte for a length; returns where what it counts begins.
  @inlinable @inline(__always)
  mutating func openLength() -> Int {
    reserve(1)
    count += 1
    return count
  }

  /// Fills in the length that was left open before `start`.
  @inlinable @inline(__always)
  mutating func closeLength(at start: Int) {
    let length = count - start
    if length < 0x80 {
      (base + start - 1).storeBytes(of: UInt8(truncatingIfNeeded: length), as: UInt8.self)
    } else {
      closeLongLength(at: start, length)
    }
  }

  @usableFromInline @inline(never)
  mutating func closeLongLength(at start: Int, _ length: Int) {
    let extra = (length.bitWidth - length.leadingZeroBitCount - 1) / 7
    reserve(extra)
    (base + start + extra).copyMemory(from: base + start, byteCount: length)
    count = start - 1
    putVarint(UInt64(truncatingIfNeeded: length))
    count = start + extra + length
  }
}
