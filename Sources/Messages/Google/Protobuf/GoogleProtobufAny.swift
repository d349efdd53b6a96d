package import ProtoWire

extension GoogleProtobuf {
  /// `google.protobuf.Any`: a message of any type, with its name. (`Any` itself is Swift's word.)
  package struct AnyMessage: NamedMessage {
    package static let fullName = "google.protobuf.Any"

    /// Ends in `/` and the message's full name: `type.googleapis.com/google.rpc.ErrorInfo`.
    package var typeURL: String = ""
    /// The message, serialized.
    package var value: [UInt8] = []

    package init() {}

    /// Holds `message`.
    package init<Message: NamedMessage>(packing message: Message) {
      typeURL = "type.googleapis.com/" + Message.fullName
      value = message.wireBytes()
    }

    /// The message held, or nil when it is of another type.
    package func unpacked<Message: NamedMessage>(
      as type: Message.Type = Message.self
    ) throws(WireError) -> Message? {
      guard typeURL.split(separator: "/").last ?? "" == Message.fullName else { return nil }
      return try Message(wire: value)
    }

    package mutating func merge(from reader: inout WireReader) throws(WireError) {
      while let field = try reader.nextField() {
        switch field.number {
        case 1: typeURL = try reader.string(field)
        case 2: value = try reader.bytes(field)
        default: try reader.skip(field)
        }
      }
    }

    package func encode(into writer: inout WireWriter) {
      writer.string(1, typeURL)
      writer.bytes(2, value)
    }
  }
}
