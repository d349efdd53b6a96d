/// One argument of a statement in binary format, with its type; no bytes are NULL.
package struct Parameter: Equatable, Sendable {
  package let type: TypeID
  package let bytes: [UInt8]?

  init(type: TypeID, bytes: [UInt8]?) {
    self.type = type
    self.bytes = bytes
  }

  /// A value, or NULL of the value's type.
  package init<Value: DatabaseValue>(_ value: Value?) {
    type = Value.type
    if let value {
      var encoded: [UInt8] = []
      value.encode(into: &encoded)
      bytes = encoded
    } else {
      bytes = nil
    }
  }

  /// A one-dimensional array whose nil elements are NULL.
  package init<Value: DatabaseValue>(array: some Sequence<Value?>) {
    self = ArrayParameter(array).parameter
  }
}
