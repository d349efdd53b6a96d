package import ProtoWire

extension CaravanDemoV1 {
  /// Some of a customer's money.
  package struct AccountRequest: NamedMessage {
    package static let fullName = "caravan.demo.v1.AccountRequest"

    /// Whose account.
    package var customer: String = ""
    /// How much, in cents; at least one.
    package var cents: UInt64 = 0

    package init() {}

    package mutating func merge(from reader: inout WireReader) throws(WireError) {
      while let field = try reader.nextField() {
        switch field.number {
        case 1: customer = try reader.string(field)
        case 2: cents = try reader.uint64(field)
        default: try reader.skip(field)
        }
      }
    }

    package func encode(into writer: inout WireWriter) {
      writer.string(1, customer)
      writer.uint64(2, cents)
    }
  }

  /// Asks for an account.
  package struct LookAccountRequest: NamedMessage {
    package static let fullName = "caravan.demo.v1.LookAccountRequest"

    /// Whose account.
    package var customer: String = ""

    package init() {}

    package mutating func merge(from reader: inout WireReader) throws(WireError) {
      while let field = try reader.nextField() {
        switch field.number {
        case 1: customer = try reader.string(field)
        default: try reader.skip(field)
        }
      }
    }

    package func encode(into writer: inout WireWriter) {
      writer.string(1, customer)
    }
  }

  /// An account as it stands.
  package struct AccountResponse: NamedMessage {
    package static let fullName = "caravan.demo.v1.AccountResponse"

    /// Whose account.
    package var customer: String = ""
    /// Free to be spent, in cents.
    package var freeCents: UInt64 = 0
    /// Set aside, in cents.
    package var heldCents: UInt64 = 0

    package init() {}

    package mutating func merge(from reader: inout WireReader) throws(WireError) {
      while let field = try reader.nextField() {
        switch field.number {
        case 1: customer = try reader.string(field)
        case 2: freeCents = try reader.uint64(field)
        case 3: heldCents = try reader.uint64(field)
        default: try reader.skip(field)
        }
      }
    }

    package func encode(into writer: inout WireWriter) {
      writer.string(1, customer)
      writer.uint64(2, freeCents)
      writer.uint64(3, heldCents)
    }
  }
}
