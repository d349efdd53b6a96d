/// The elements of a one-dimensional array in binary format, as bytes; NULL elements are nil.
struct ArrayElements {
  /// The elements' type.
  let type: TypeID
  let count: Int
  private let bytes: UnsafeRawBufferPointer
  private var offset = 20
  private var left: Int
  /// An element ended behind the array.
  private(set) var isTorn = false

  /// Nil where the bytes begin no array of one dimension, or of none. They must outlive it.
  init?(_ bytes: UnsafeRawBufferPointer) {
    guard let dimensions = bytes.word(at: 0), let type = bytes.word(at: 8) else { return nil }
    self.bytes = bytes
    self.type = TypeID(rawValue: UInt32(bitPattern: type))
    count = dimensions == 0 ? 0 : bytes.word(at: 12).map(Int.init) ?? -1
    left = count
    // Each element has a length of four bytes: the count cannot be trusted further than that.
    guard dimensions == 0 || dimensions == 1, count >= 0,
      count <= Swift.max(0, bytes.count - offset) / 4
    else { return nil }
  }

  /// The next element; nil at the end, or where the array is torn.
  mutating func next() -> UnsafeRawBufferPointer?? {
    guard left > 0 else { return nil }
    guard let length = bytes.word(at: offset).map(Int.init), length <= bytes.count - offset - 4
    else {
      isTorn = true
      left = 0
      return nil
    }
    left -= 1
    offset += 4
    if length < 0 { return .some(nil) }
    defer { offset += length }
    return UnsafeRawBufferPointer(rebasing: bytes[offset..<offset + length])
  }
}

extension UnsafeRawBufferPointer {
  /// Four bytes, most significant first; nil where there are fewer.
  func word(at offset: Int) -> Int32? {
    guard offset + 4 <= count else { return nil }
    return Int32(bigEndian: loadUnaligned(fromByteOffset: offset, as: Int32.self))
  }
}
