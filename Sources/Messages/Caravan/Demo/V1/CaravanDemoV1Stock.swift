package import ProtoWire

extension CaravanDemoV1 {
  /// Some of one item.
  package struct StockRequest: NamedMessage {
    package static let fullName = "caravan.demo.v1.StockRequest"

    /// The item.
    package var item: String = ""
    /// How many; at least one.
    package var quantity: UInt32 = 0

    package init() {}

    package mutating func merge(from reader: inout WireReader) throws(WireError) {
      while let field = try reader.nextField() {
        switch field.number {
        case 1: item = try reader.string(field)
        case 2: quantity = try reader.uint32(field)
        default: try reader.skip(field)
        }
      }
    }

    package func encode(into writer: inout WireWriter) {
      writer.string(1, item)
      writer.uint32(2, quantity)
    }
  }

  /// Asks for an item.
  package struct LookItemRequest: NamedMessage {
    package static let fullName = "caravan.demo.v1.LookItemRequest"

    /// The item.
    package var item: String = ""

    package init() {}

    package mutating func merge(from reader: inout WireReader) throws(WireError) {
      while let field = try reader.nextField() {
        switch field.number {
        case 1: item = try reader.string(field)
        default: try reader.skip(field)
        }
      }
    }

    package func encode(into writer: inout WireWriter) {
      writer.string(1, item)
    }
  }

  /// An item as it stands.
  package struct StockResponse: NamedMessage {
    package static let fullName = "caravan.demo.v1.StockResponse"

    /// The item.
    package var item: String = ""
    /// On the shelf: neither set aside nor handed out.
    package var onShelf: UInt32 = 0
    /// Set aside.
    package var reserved: UInt32 = 0

    package init() {}

    package mutating func merge(from reader: inout WireReader) throws(WireError) {
      while let field = try reader.nextField() {
        switch field.number {
        case 1: item = try reader.string(field)
        case 2: onShelf = try reader.uint32(field)
        case 3: reserved = try reader.uint32(field)
        default: try reader.skip(field)
        }
      }
    }

    package func encode(into writer: inout WireWriter) {
      writer.string(1, item)
      writer.uint32(2, onShelf)
      writer.uint32(3, reserved)
    }
  }
}
