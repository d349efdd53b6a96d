package import ProtoWire

extension GoogleProtobuf {
  /// A message without fields.
  package struct Empty: NamedMessage {
    package static let fullName = "google.protobuf.Empty"

    package init() {}

    package mutating func merge(from reader: inout WireReader) throws(WireError) {
      while let field = try reader.nextField() { try reader.skip(field) }
    }

    package func encode(into writer: inout WireWriter) {}
  }
}
