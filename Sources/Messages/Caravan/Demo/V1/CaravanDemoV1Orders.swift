package import ProtoWire

extension CaravanDemoV1 {
  /// An order to be placed.
  package struct PlaceRequest: NamedMessage {
    package static let fullName = "caravan.demo.v1.PlaceRequest"

    /// The order's number.
    package var number: String = ""
    /// Who orders.
    package var customer: String = ""
    /// What is ordered.
    package var item: String = ""
    /// How many; at least one.
    package var quantity: UInt32 = 0

    package init() {}

    package mutating func merge(from reader: inout WireReader) throws(WireError) {
      while let field = try reader.nextField() {
        switch field.number {
        case 1: number = try reader.string(field)
        case 2: customer = try reader.string(field)
        case 3: item = try reader.string(field)
        case 4: quantity = try reader.uint32(field)
        default: try reader.skip(field)
        }
      }
    }

    package func encode(into writer: inout WireWriter) {
      writer.string(1, number)
      writer.string(2, customer)
      writer.string(3, item)
      writer.uint32(4, quantity)
    }
  }

  /// The order was placed.
  package struct PlaceResponse: NamedMessage {
    package static let fullName = "caravan.demo.v1.PlaceResponse"

    /// The order's number.
    package var number: String = ""

    package init() {}

    package mutating func merge(from reader: inout WireReader) throws(WireError) {
      while let field = try reader.nextField() {
        switch field.number {
        case 1: number = try reader.string(field)
        default: try reader.skip(field)
        }
      }
    }

    package func encode(into writer: inout WireWriter) {
      writer.string(1, number)
    }
  }

  /// The order was withdrawn, or had never been placed.
  package struct WithdrawResponse: NamedMessage {
    package static let fullName = "caravan.demo.v1.WithdrawResponse"

    /// Whether there was an order to withdraw.
    package var wasPlaced: Bool = false

    package init() {}

    package mutating func merge(from reader: inout WireReader) throws(WireError) {
      while let field = try reader.nextField() {
        switch field.number {
        case 1: wasPlaced = try reader.bool(field)
        default: try reader.skip(field)
        }
      }
    }

    package func encode(into writer: inout WireWriter) {
      writer.bool(1, wasPlaced)
    }
  }

  /// Asks for an order.
  package struct LookOrderRequest: NamedMessage {
    package static let fullName = "caravan.demo.v1.LookOrderRequest"

    /// The order's number.
    package var number: String = ""

    package init() {}

    package mutating func merge(from reader: inout WireReader) throws(WireError) {
      while let field = try reader.nextField() {
        switch field.number {
        case 1: number = try reader.string(field)
        default: try reader.skip(field)
        }
      }
    }

    package func encode(into writer: inout WireWriter) {
      writer.string(1, number)
    }
  }

  /// An order as it stands.
  package struct Order: NamedMessage {
    package static let fullName = "caravan.demo.v1.Order"

    /// The order's number.
    package var number: String = ""
    /// Who ordered.
    package var customer: String = ""
    /// What was ordered.
    package var item: String = ""
    /// How many.
    package var quantity: UInt32 = 0
    /// Whether it has been withdrawn.
    package var withdrawn: Bool = false

    package init() {}

    package mutating func merge(from reader: inout WireReader) throws(WireError) {
      while let field = try reader.nextField() {
        switch field.number {
        case 1: number = try reader.string(field)
        case 2: customer = try reader.string(field)
        case 3: item = try reader.string(field)
        case 4: quantity = try reader.uint32(field)
        case 5: withdrawn = try reader.bool(field)
        default: try reader.skip(field)
        }
      }
    }

    package func encode(into writer: inout WireWriter) {
      writer.string(1, number)
      writer.string(2, customer)
      writer.string(3, item)
      writer.uint32(4, quantity)
      writer.bool(5, withdrawn)
    }
  }
}
