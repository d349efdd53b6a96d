package import ProtoWire

extension GoogleRPC {
  /// A status with details.
  package struct Status: NamedMessage {
    package static let fullName = "google.rpc.Status"

    /// A gRPC status code.
    package var code: Int32 = 0
    /// In words.
    package var message: String = ""
    /// Messages that carry more, each a type that the caller may know.
    package var details: [GoogleProtobuf.AnyMessage] = []

    package init() {}

    package mutating func merge(from reader: inout WireReader) throws(WireError) {
      while let field = try reader.nextField() {
        switch field.number {
        case 1: code = try reader.int32(field)
        case 2: message = try reader.string(field)
        case 3: try reader.appendMessage(field, to: &details)
        default: try reader.skip(field)
        }
      }
    }

    package func encode(into writer: inout WireWriter) {
      writer.int32(1, code)
      writer.string(2, message)
      writer.repeatedMessage(3, details)
    }
  }
}
