/// What a statement returned, copied out of libpq: a table of binary cells.
package struct Rows: Sendable {
  /// Where a cell stands in the bytes; a negative length is NULL.
  struct Cell {
    var offset: Int
    var length: Int
  }

  /// The columns in order.
  package struct Column: Equatable, Sendable {
    package let name: String
    package let type: TypeID
  }

  package let columns: [Column]
  /// The number of rows that came back.
  package let count: Int
  /// The number of rows that the command changed or returned, by its tag.
  package let affected: Int
  private let cells: [Cell]
  private let bytes: [UInt8]

  init(columns: [Column], count: Int, affected: Int, cells: [Cell], bytes: [UInt8]) {
    self.columns = columns
    self.count = count
    self.affected = affected
    self.cells = cells
    self.bytes = bytes
  }

  package var isEmpty: Bool { count == 0 }
}

extension Rows: RandomAccessCollection {
  package var startIndex: Int { 0 }
  package var endIndex: Int { count }
  package subscript(position: Int) -> Row {
    precondition(position >= 0 && position < count, "row \(position) of \(count)")
    return Row(rows: self, number: position)
  }

  /// Hands a cell's bytes to the body; nil for NULL.
  func withCell<Value>(
    row: Int, column: Int, _ body: (UnsafeRawBufferPointer?) -> Value
  ) -> Value {
    precondition(column >= 0 && column < columns.count, "column \(column) of \(columns.count)")
    let cell = cells[row * columns.count + column]
    if cell.length < 0 { return body(nil) }
    return bytes.withUnsafeBytes {
      body(UnsafeRawBufferPointer(rebasing: $0[cell.offset..<cell.offset + cell.length]))
    }
  }
}
