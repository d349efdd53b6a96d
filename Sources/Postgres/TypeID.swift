/// A type's number in PostgreSQL's catalogue (`pg_type.oid`); those of built-in types never change.
package struct TypeID: RawRepresentable, Hashable, Sendable {
  package var rawValue: UInt32

  package init(rawValue: UInt32) {
    self.rawValue = rawValue
  }

  package static let bool = TypeID(rawValue: 16)
  package static let bytea = TypeID(rawValue: 17)
  package static let int8 = TypeID(rawValue: 20)
  package static let int2 = TypeID(rawValue: 21)
  package static let int4 = TypeID(rawValue: 23)
  package static let text = TypeID(rawValue: 25)
  package static let timestamptz = TypeID(rawValue: 1184)

  package static let boolArray = TypeID(rawValue: 1000)
  package static let byteaArray = TypeID(rawValue: 1001)
  package static let int2Array = TypeID(rawValue: 1005)
  package static let int4Array = TypeID(rawValue: 1007)
  package static let textArray = TypeID(rawValue: 1009)
  package static let int8Array = TypeID(rawValue: 1016)
  package static let timestamptzArray = TypeID(rawValue: 1185)
}
