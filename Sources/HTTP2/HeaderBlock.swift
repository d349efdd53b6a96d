#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Header fields in order, flat in one buffer: a block costs one allocation, or none where it is a
/// view of the session's arena.
package struct HeaderBlock: Sendable, Equatable {
  /// The fields as `appendField` lays them; in a view of the arena others stand around them.
  private var bytes: [UInt8]
  private var range: Range<Int>
  package private(set) var count: Int

  /// Before each field stand the lengths of its name (2 bytes) and of its value (4 bytes).
  static let prefixBytes = 6

  package init() {
    self.init(bytes: [], range: 0..<0, count: 0)
  }

  /// Fields from literals: `HeaderBlock([(":status", "200")])`.
  package init(_ fields: [(StaticString, StaticString)]) {
    self.init()
    for (name, value) in fields {
      append(name: name, value: value)
    }
  }

  /// A view of the session's arena, which wrote `count` fields there.
  init(bytes: [UInt8], range: Range<Int>, count: Int) {
    self.bytes = bytes
    self.range = range
    self.count = count
  }

  package static func == (left: HeaderBlock, right: HeaderBlock) -> Bool {
    left.count == right.count
      && left.withStorage { left in
        right.withStorage { right in left.isEqual(to: right) }
      }
  }

  /// A block of its own: a view of the arena, kept, would keep the arena.
  package func copied() -> HeaderBlock {
    HeaderBlock(bytes: Array(bytes[range]), range: 0..<range.count, count: count)
  }

  package var isEmpty: Bool { count == 0 }

  /// The bytes of the buffer: names, values and six bytes for each field.
  package var byteCount: Int { range.count }

  package mutating func reserve(bytes count: Int) {
    bytes.reserveCapacity(range.count + count)
  }

  // MARK: appending

  /// Appends a field; the name has to be lower-case already.
  package mutating func append(name: StaticString, value: StaticString) {
    append(name.bytes, value.bytes)
  }

  package mutating func append(name: StaticString, value: String.UTF8View) {
    append(name: name, value: value.span)
  }

  package mutating func append(name: StaticString, value: Span<UInt8>) {
    value.withUnsafeBytes { append(name.bytes, $0) }
  }

  package mutating func append(name: Span<UInt8>, value: Span<UInt8>) {
    name.withUnsafeBytes { name in
      value.withUnsafeBytes { value in append(name, value) }
    }
  }

  package mutating func append(name: String.UTF8View, value: String.UTF8View) {
    append(name: name.span, value: value.span)
  }

  package mutating func append(contentsOf other: HeaderBlock) {
    beginAppending()
    other.withStorage { bytes.append(contentsOf: $0) }
    finishAppending(fields: other.count)
  }

  private mutating func append(_ name: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) {
    precondition(
      name.count <= 0xffff && value.count <= 0x7fff_ffff,
      "a header field of \(name.count)+\(value.count) bytes")
    beginAppending()
    bytes.appendField(name: name, value: value)
    finishAppending(fields: 1)
  }

  /// Leaves the arena, where the block is a view of it.
  private mutating func beginAppending() {
    if range.count != bytes.count { self = copied() }
  }

  private mutating func finishAppending(fields: Int) {
    range = 0..<bytes.count
    count += fields
  }

  // MARK: reading

  /// Calls `body` with each field's name and value, in order.
  package func forEach(_ body: (_ name: Span<UInt8>, _ value: Span<UInt8>) -> Void) {
    let fields = bytes.span.extracting(range)
    forEachRange { name, value in
      body(fields.extracting(name), fields.extracting(value))
    }
  }

  /// Calls `body` with the places of each field's name and value in `withStorage`'s bytes.
  func forEachRange(_ body: (_ name: Range<Int>, _ value: Range<Int>) -> Void) {
    let fields = bytes.span.extracting(range).bytes
    var position = 0
    while position < fields.byteCount {
      let nameCount = fields.unsafeLoadUnaligned(fromByteOffset: position, as: UInt16.self)
      let valueCount = fields.unsafeLoadUnaligned(fromByteOffset: position + 2, as: UInt32.self)
      let name = position &+ Self.prefixBytes
      let value = name &+ Int(nameCount)
      position = value &+ Int(valueCount)
      body(
        Range(uncheckedBounds: (name, value)), Range(uncheckedBounds: (value, position)))
    }
  }

  /// Calls `body` with the bytes of the buffer, for the one type that hands them to nghttp2.
  func withStorage<R>(_ body: (UnsafeRawBufferPointer) -> R) -> R {
    bytes.withUnsafeBytes { body(UnsafeRawBufferPointer(rebasing: $0[range])) }
  }
}

extension [UInt8] {
  /// Appends a field as blocks and the arena hold them, in one step: this runs for every field of
  /// every message.
  mutating func appendField(name: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer) {
    let total = HeaderBlock.prefixBytes + name.count + value.count
    append(addingCapacity: total) { output in
      output.withUnsafeMutableBufferPointer { buffer, count in
        guard let start = buffer.baseAddress.map(UnsafeMutableRawPointer.init) else { return }
        start.storeBytes(of: UInt16(truncatingIfNeeded: name.count), as: UInt16.self)
        start.storeBytes(
          of: UInt32(truncatingIfNeeded: value.count), toByteOffset: 2, as: UInt32.self)
        let nameStart = start + HeaderBlock.prefixBytes
        if let bytes = name.baseAddress { memcpy(nameStart, bytes, name.count) }
        if let bytes = value.baseAddress { memcpy(nameStart + name.count, bytes, value.count) }
        count = total
      }
    }
  }
}

extension HeaderBlock: CustomStringConvertible {
  /// The fields as text, one a line, for logs and tests.
  package var description: String {
    var lines: [String] = []
    forEach { name, value in
      lines.append("\(String(copying: name)): \(String(copying: value))")
    }
    return lines.joined(separator: "\n")
  }

  /// The first value under `name`, for tests and rare headers; parsers walk the block once with
  /// `forEach`.
  package subscript(name: String) -> String? {
    var found: String?
    forEach { fieldName, value in
      if found == nil, fieldName.isEqual(to: name) {
        found = String(copying: value)
      }
    }
    return found
  }
}

extension UnsafeRawBufferPointer {
  fileprivate func isEqual(to other: UnsafeRawBufferPointer) -> Bool {
    guard count == other.count, let start = baseAddress, let otherStart = other.baseAddress
    else { return count == other.count }
    return memcmp(start, otherStart, count) == 0
  }
}

extension StaticString {
  /// The text itself, which lives as long as the process.
  fileprivate var bytes: UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(start: utf8Start, count: utf8CodeUnitCount)
  }
}

extension Span<UInt8> {
  /// Whether the bytes are exactly the text's.
  package func isEqual(to text: StaticString) -> Bool {
    guard count == text.utf8CodeUnitCount else { return false }
    return withUnsafeBytes { $0.isEqual(to: text.bytes) }
  }

  package func isEqual(to text: String) -> Bool {
    isEqual(to: text.utf8.span)
  }

  package func isEqual(to other: Span<UInt8>) -> Bool {
    withUnsafeBytes { left in other.withUnsafeBytes { right in left.isEqual(to: right) } }
  }

  package func starts(with text: StaticString) -> Bool {
    extracting(first: text.utf8CodeUnitCount).isEqual(to: text)
  }

  package func hasSuffix(_ text: StaticString) -> Bool {
    extracting(last: text.utf8CodeUnitCount).isEqual(to: text)
  }
}

extension String {
  /// The text of these bytes; what is not UTF-8 becomes U+FFFD.
  package init(copying bytes: Span<UInt8>) {
    self = bytes.withUnsafeBufferPointer { String(decoding: $0, as: UTF8.self) }
  }
}
