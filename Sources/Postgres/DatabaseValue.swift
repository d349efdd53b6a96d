/// A Swift type that stands in a column or an array of a PostgreSQL type, in binary format.
package protocol DatabaseValue: Sendable {
  /// The column's type.
  static var type: TypeID { get }
  /// The type of a one-dimensional array of it.
  static var arrayType: TypeID { get }

  /// Appends the value's bytes in network order, without a length.
  func encode(into bytes: inout [UInt8])
  /// Reads the value from exactly these bytes; nil where they cannot be one.
  init?(wire bytes: UnsafeRawBufferPointer)
}

extension FixedWidthInteger {
  /// Appends the integer's bytes, most significant first.
  func appendBigEndian(to bytes: inout [UInt8]) {
    withUnsafeBytes(of: bigEndian) { bytes.append(contentsOf: $0) }
  }

  /// Reads an integer from exactly its own width; nil at any other length.
  init?(bigEndianBytes bytes: UnsafeRawBufferPointer) {
    guard bytes.count == MemoryLayout<Self>.size else { return nil }
    self = Self(bigEndian: bytes.loadUnaligned(as: Self.self))
  }
}

extension [UInt8] {
  /// Writes a word, most significant byte first, over four bytes that are there.
  mutating func overwrite(_ word: Int32, at offset: Int) {
    withUnsafeMutableBytes {
      $0.storeBytes(of: word.bigEndian, toByteOffset: offset, as: Int32.self)
    }
  }
}

extension Int16: DatabaseValue {
  package static var type: TypeID { .int2 }
  package static var arrayType: TypeID { .int2Array }
  package func encode(into bytes: inout [UInt8]) { appendBigEndian(to: &bytes) }
  package init?(wire bytes: UnsafeRawBufferPointer) { self.init(bigEndianBytes: bytes) }
}

extension Int32: DatabaseValue {
  package static var type: TypeID { .int4 }
  package static var arrayType: TypeID { .int4Array }
  package func encode(into bytes: inout [UInt8]) { appendBigEndian(to: &bytes) }
  package init?(wire bytes: UnsafeRawBufferPointer) { self.init(bigEndianBytes: bytes) }
}

extension Int64: DatabaseValue {
  package static var type: TypeID { .int8 }
  package static var arrayType: TypeID { .int8Array }
  package func encode(into bytes: inout [UInt8]) { appendBigEndian(to: &bytes) }
  package init?(wire bytes: UnsafeRawBufferPointer) { self.init(bigEndianBytes: bytes) }
}

extension Bool: DatabaseValue {
  package static var type: TypeID { .bool }
  package static var arrayType: TypeID { .boolArray }
  package func encode(into bytes: inout [UInt8]) { bytes.append(self ? 1 : 0) }
  package init?(wire bytes: UnsafeRawBufferPointer) {
    guard bytes.count == 1 else { return nil }
    self = bytes[0] != 0
  }
}

extension Timestamp: DatabaseValue {
  package static var type: TypeID { .timestamptz }
  package static var arrayType: TypeID { .timestamptzArray }
  package func encode(into bytes: inout [UInt8]) { wire.appendBigEndian(to: &bytes) }
  package init?(wire bytes: UnsafeRawBufferPointer) {
    guard let value = Int64(bigEndianBytes: bytes) else { return nil }
    self.init(wire: value)
  }
}

extension String: DatabaseValue {
  package static var type: TypeID { .text }
  package static var arrayType: TypeID { .textArray }
  package func encode(into bytes: inout [UInt8]) { bytes.append(contentsOf: utf8) }
  package init?(wire bytes: UnsafeRawBufferPointer) {
    // Every session speaks UTF8, so the server has checked the bytes.
    self = String(decoding: bytes, as: UTF8.self)
  }
}

/// `[UInt8]` is `bytea`; arrays of other values are not values themselves.
extension Array: DatabaseValue where Element == UInt8 {
  package static var type: TypeID { .bytea }
  package static var arrayType: TypeID { .byteaArray }
  package func encode(into bytes: inout [UInt8]) { bytes.append(contentsOf: self) }
  package init?(wire bytes: UnsafeRawBufferPointer) { self.init(bytes) }
}
