/// A value of a composite type, read field by field in the order of the type.
package struct Record {
  private let bytes: UnsafeRawBufferPointer
  private var offset = 0
  private var fieldsLeft: Int

  /// Nil where the bytes begin no record. They must outlive the record.
  init?(_ bytes: UnsafeRawBufferPointer) {
    self.bytes = bytes
    fieldsLeft = 0
    guard let fields = nextWord(), fields >= 0 else { return nil }
    fieldsLeft = Int(fields)
  }

  /// The next field, nil for NULL.
  package mutating func next<Value: DatabaseValue>(
    _ type: Value.Type = Value.self
  ) throws(PostgresError) -> Value? {
    guard fieldsLeft > 0, let found = nextWord(), let length = nextWord(),
      Int(length) <= bytes.count - offset
    else { throw PostgresError(.undecodable, "a record ends before its field \(Value.self)") }
    fieldsLeft -= 1
    if length < 0 { return nil }
    defer { offset += Int(length) }
    guard UInt32(bitPattern: found) == Value.type.rawValue,
      let value = Value(
        wire: UnsafeRawBufferPointer(rebasing: bytes[offset..<offset + Int(length)]))
    else { throw PostgresError(.undecodable, "a field of a record holds no \(Value.self)") }
    return value
  }

  private mutating func nextWord() -> Int32? {
    guard let word = bytes.word(at: offset) else { return nil }
    offset += 4
    return word
  }
}

extension Row {
  /// The column's array of records, each read by `body`; a NULL array is nil.
  package func records<Value>(
    _ column: Int, _ body: (inout Record) throws(PostgresError) -> Value
  ) throws(PostgresError) -> [Value]? {
    let read = withCell(column) { bytes -> Result<[Value]?, PostgresError> in
      guard let bytes else { return .success(nil) }
      return Result { () throws(PostgresError) in try Self.records(of: bytes, body) }
    }
    return try read.get()
  }

  private static func records<Value>(
    of bytes: UnsafeRawBufferPointer, _ body: (inout Record) throws(PostgresError) -> Value
  ) throws(PostgresError) -> [Value] {
    let malformed = PostgresError(.undecodable, "no one-dimensional array of records")
    guard var array = ArrayElements(bytes) else { throw malformed }
    var values: [Value] = []
    values.reserveCapacity(array.count)
    while let element = array.next() {
      guard let element, var record = Record(element) else { throw malformed }
      values.append(try body(&record))
    }
    if array.isTorn { throw malformed }
    return values
  }
}
