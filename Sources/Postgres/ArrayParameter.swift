/// A one-dimensional array that is encoded as it grows: one column of a statement over many rows.
package struct ArrayParameter<Element: DatabaseValue>: Sendable {
  /// Dimensions, null flag, element type, length, lower bound: five 32-bit words.
  private static var headerBytes: Int { 20 }

  /// The elements appended so far, NULLs included.
  package private(set) var count = 0
  private var hasNull = false
  private var bytes: [UInt8]

  package init() {
    bytes = [UInt8](repeating: 0, count: Self.headerBytes)
  }

  package init(_ elements: some Sequence<Element?>) {
    self.init()
    for element in elements { append(element) }
  }

  /// Appends an element, or NULL for nil.
  package mutating func append(_ element: Element?) {
    count += 1
    guard let element else {
      hasNull = true
      Int32(-1).appendBigEndian(to: &bytes)
      return
    }
    let lengthAt = bytes.count
    Int32(0).appendBigEndian(to: &bytes)
    element.encode(into: &bytes)
    bytes.overwrite(Int32(bytes.count - lengthAt - 4), at: lengthAt)
  }

  /// The array as a statement takes it.
  package var parameter: Parameter {
    guard count > 0 else {
      // An empty array has no dimensions.
      var empty: [UInt8] = []
      Int32(0).appendBigEndian(to: &empty)
      Int32(0).appendBigEndian(to: &empty)
      Element.type.rawValue.appendBigEndian(to: &empty)
      return Parameter(type: Element.arrayType, bytes: empty)
    }
    var whole = bytes
    whole.overwrite(Int32(1), at: 0)
    whole.overwrite(Int32(hasNull ? 1 : 0), at: 4)
    whole.overwrite(Int32(bitPattern: Element.type.rawValue), at: 8)
    whole.overwrite(Int32(count), at: 12)
    whole.overwrite(Int32(1), at: 16)
    return Parameter(type: Element.arrayType, bytes: whole)
  }
}
