/// Header fields in order, flat in one buffer: a block costs one allocation, or none where it is a view of the
/// session's arena. Each field is its name's length (2 bytes), its value's length (4 bytes), name, value.
package struct HeaderBlock: Sendable, Equatable {
  private var storage: ArraySlice<UInt8>
  package private(set) var count: Int

  static let prefixBytes = 6

  package init() {
    storage = []
    count = 0
  }

  /// Fields from literals: `HeaderBlock([(":status", "200")])`.
  package init(_ fields: [(StaticString, StaticString)]) {
    self.init()
    for (name, value) in fields {
      append(name: name, value: value)
    }
  }

  /// A view of the session's arena, which wrote `count` fields there.
  init(storage: ArraySlice<UInt8>, count: Int) {
    self.storage = storage
    self.count = count
  }

  package static func == (left: HeaderBlock, right: HeaderBlock) -> Bool {
    left.count == right.count
      && left.storage.withUnsafeBytes { left in
        right.storage.withUnsafeBytes { right in left.isEqual(to: right) }
      }
  }

  /// A block of its own: a view of the arena, kept, would keep the arena.
  package func copied() -> HeaderBlock {
    HeaderBlock(storage: Array(storage)[...], count: count)
  }

  package var isEmpty: Bool { count == 0 }

  /// The bytes of the buffer: names, values and six bytes for each field.
  package var byteCount: Int { storage.count }

  package mutating func reserve(bytes: Int) {
    storage.reserveCapacity(storage.count + bytes)
  }

  /// Appends a field; the name has to be lower-case already.
  package mutating func append(name: StaticString, value: StaticString) {
    appendPrefix(name: name.utf8CodeUnitCount, value: value.utf8CodeUnitCount)
    name.withUTF8Buffer { storage.append(contentsOf: $0) }
    value.withUTF8Buffer { storage.append(contentsOf: $0) }
  }

  package mutating func append(name: StaticString, value: some Collection<UInt8>) {
    appendPrefix(name: name.utf8CodeUnitCount, value: value.count)
    name.withUTF8Buffer { storage.append(contentsOf: $0) }
    storage.append(contentsOf: value)
  }

  package mutating func append(name: some Collection<UInt8>, value: some Collection<UInt8>) {
    appendPrefix(name: name.count, value: value.count)
    storage.append(contentsOf: name)
    storage.append(contentsOf: value)
  }

  package mutating func append(name: Span<UInt8>, value: Span<UInt8>) {
    appendPrefix(name: name.count, value: value.count)
    name.withUnsafeBufferPointer { storage.append(contentsOf: $0) }
    value.withUnsafeBufferPointer { storage.append(contentsOf: $0) }
  }

  package mutating func append(contentsOf other: HeaderBlock) {
    storage.append(contentsOf: other.storage)
    count += other.count
  }

  /// Calls `body` with each field's name and value, in order.
  package func forEach<E: Error>(
    _ body: (_ name: Span<UInt8>, _ value: Span<UInt8>) throws(E) -> Void
  ) throws(E) {
    let span = storage.span
    var position = 0
    while position < span.count {
      let nameCount = Int(span[position]) << 8 | Int(span[position + 1])
      let valueCount =
        Int(span[position + 2]) << 24 | Int(span[position + 3]) << 16
        | Int(span[position + 4]) << 8 | Int(span[position + 5])
      let nameStart = position + Self.prefixBytes
      let valueStart = nameStart + nameCount
      position = valueStart + valueCount
      try body(
        span.extracting(nameStart..<valueStart), span.extracting(valueStart..<position))
    }
  }

  /// Calls `body` with the bytes of the buffer, for the one type that hands them to nghttp2.
  func withStorage<R>(_ body: (UnsafeBufferPointer<UInt8>) -> R) -> R {
    storage.withUnsafeBufferPointer(body)
  }

  private mutating func appendPrefix(name: Int, value: Int) {
    precondition(name <= 0xffff && value <= 0x7fff_ffff, "a header field of \(name)+\(value) bytes")
    Self.writePrefix(name: name, value: value) { storage.append($0) }
    count += 1
  }

  /// The six bytes before a field. The session writes them too, into its arena.
  static func writePrefix(name: Int, value: Int, _ write: (UInt8) -> Void) {
    write(UInt8(truncatingIfNeeded: name >> 8))
    write(UInt8(truncatingIfNeeded: name))
    write(UInt8(truncatingIfNeeded: value >> 24))
    write(UInt8(truncatingIfNeeded: value >> 16))
    write(UInt8(truncatingIfNeeded: value >> 8))
    write(UInt8(truncatingIfNeeded: value))
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

  /// The first value under `name`, for tests and rare headers; parsers walk the block once with `forEach`.
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
  /// Compares eight bytes at a time: blocks are compared for every request.
  fileprivate func isEqual(to other: UnsafeRawBufferPointer) -> Bool {
    guard count == other.count else { return false }
    var index = 0
    while index + 8 <= count {
      let left = loadUnaligned(fromByteOffset: index, as: UInt64.self)
      let right = other.loadUnaligned(fromByteOffset: index, as: UInt64.self)
      if left != right { return false }
      index += 8
    }
    while index < count {
      if self[index] != other[index] { return false }
      index += 1
    }
    return true
  }
}

extension Span<UInt8> {
  /// Whether the bytes are exactly the text's.
  package func isEqual(to text: StaticString) -> Bool {
    guard count == text.utf8CodeUnitCount else { return false }
    return withUnsafeBufferPointer { bytes in
      UnsafeRawBufferPointer(bytes).isEqual(
        to: UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }
  }

  package func isEqual(to text: String) -> Bool {
    guard count == text.utf8.count else { return false }
    var index = 0
    for byte in text.utf8 {
      if self[index] != byte { return false }
      index += 1
    }
    return true
  }

  package func starts(with text: StaticString) -> Bool {
    count >= text.utf8CodeUnitCount
      && extracting(0..<text.utf8CodeUnitCount).isEqual(to: text)
  }
}

extension String {
  /// The text of these bytes; what is not UTF-8 becomes U+FFFD.
  package init(copying bytes: Span<UInt8>) {
    self = bytes.withUnsafeBufferPointer { String(decoding: $0, as: UTF8.self) }
  }
}
