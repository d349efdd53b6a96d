/// One row of a result; columns are read by position, with the type they must have.
package struct Row: Sendable {
  private let rows: Rows
  private let number: Int

  init(rows: Rows, number: Int) {
    self.rows = rows
    self.number = number
  }

  /// The column's value; NULL is an error.
  package func value<Value: DatabaseValue>(
    _ column: Int, as type: Value.Type = Value.self
  ) throws(PostgresError) -> Value {
    guard let value = try optional(column, as: type) else {
      throw PostgresError(.undecodable, "column \(name(column)) is NULL")
    }
    return value
  }

  /// The column's value, nil for NULL.
  package func optional<Value: DatabaseValue>(
    _ column: Int, as type: Value.Type = Value.self
  ) throws(PostgresError) -> Value? {
    try check(column, is: Value.type)
    let (isNull, value) = rows.withCell(row: number, column: column) {
      bytes -> (Bool, Value?) in
      guard let bytes else { return (true, nil) }
      return (false, Value(wire: bytes))
    }
    if isNull { return nil }
    guard let value else {
      throw PostgresError(.undecodable, "column \(name(column)) holds no \(Value.self)")
    }
    return value
  }

  /// The column's one-dimensional array, NULL elements as nil; a NULL array is nil.
  package func array<Value: DatabaseValue>(
    _ column: Int, of type: Value.Type = Value.self
  ) throws(PostgresError) -> [Value?]? {
    try check(column, is: Value.arrayType)
    let (isNull, elements) = rows.withCell(row: number, column: column) {
      bytes -> (Bool, [Value?]?) in
      guard let bytes else { return (true, nil) }
      return (false, Self.elements(of: bytes))
    }
    if isNull { return nil }
    guard let elements else {
      throw PostgresError(
        .undecodable, "column \(name(column)) holds no one-dimensional array of \(Value.self)")
    }
    return elements
  }

  /// Hands the column's bytes to the body, whatever its type; nil for NULL.
  func withCell<Value>(_ column: Int, _ body: (UnsafeRawBufferPointer?) -> Value) -> Value {
    rows.withCell(row: number, column: column, body)
  }

  private func name(_ column: Int) -> String { rows.columns[column].name }

  private func check(_ column: Int, is expected: TypeID) throws(PostgresError) {
    let found = rows.columns[column].type
    guard found == expected else {
      throw PostgresError(
        .undecodable,
        "column \(name(column)) has type \(found.rawValue), not \(expected.rawValue)")
    }
  }

  private static func elements<Value: DatabaseValue>(
    of bytes: UnsafeRawBufferPointer
  ) -> [Value?]? {
    guard var array = ArrayElements(bytes), array.type == Value.type else { return nil }
    var elements: [Value?] = []
    elements.reserveCapacity(array.count)
    while let element = array.next() {
      guard let element else {
        elements.append(nil)
        continue
      }
      guard let value = Value(wire: element) else { return nil }
      elements.append(value)
    }
    if array.isTorn { return nil }
    return elements
  }
}
