package import ProtoWire

extension CaravanV1 {
  /// Begins a transaction.
  package struct BeginRequest: NamedMessage {
    package static let fullName = "caravan.v1.BeginRequest"

    /// 1 to 128 bytes of `[A-Za-z0-9._:/-]`; empty: the coordinator makes one.
    package var id: String = ""
    /// Time to the decision; absent: the coordinator's default. 1 ms to 30 days.
    package var timeout: GoogleProtobuf.Duration?
    /// Who is told the end; absent: nobody.
    package var completion: Completion?

    package init() {}

    package mutating func merge(from reader: inout WireReader) throws(WireError) {
      while let field = try reader.nextField() {
        switch field.number {
        case 1: id = try reader.string(field)
        case 2: try reader.message(field, into: &timeout)
        case 3: try reader.message(field, into: &completion)
        default: try reader.skip(field)
        }
      }
    }

    package func encode(into writer: inout WireWriter) {
      writer.string(1, id)
      writer.message(2, timeout)
      writer.message(3, completion)
    }
  }

  /// The transaction that was begun, or joined.
  package struct BeginResponse: NamedMessage {
    package static let fullName = "caravan.v1.BeginResponse"

    /// The transaction's id.
    package var id: String = ""
    /// Without a decision by then it rolls back.
    package var deadline: GoogleProtobuf.Timestamp?

    package init() {}

    package mutating func merge(from reader: inout WireReader) throws(WireError) {
      while let field = try reader.nextField() {
        switch field.number {
        case 1: id = try reader.string(field)
        case 2: try reader.message(field, into: &deadline)
        default: try reader.skip(field)
        }
      }
    }

    package func encode(into writer: inout WireWriter) {
      writer.string(1, id)
      writer.message(2, deadline)
    }
  }

  /// Adds branches, all or none of them.
  package struct RegisterRequest: NamedMessage {
    package static let fullName = "caravan.v1.RegisterRequest"

    /// The transaction's id.
    package var id: String = ""
    /// The branches, at least one; at most 1,000 in a transaction.
    package var branches: [Branch] = []

    package init() {}

    package mutating func merge(from reader: inout WireReader) throws(WireError) {
      while let field = try reader.nextField() {
        switch field.number {
        case 1: id = try reader.string(field)
        case 2: try reader.appendMessage(field, to: &branches, max: WireLimits.branchesMax)
        default: try reader.skip(field)
        }
      }
    }

    package func encode(into writer: inout WireWriter) {
      writer.string(1, id)
      writer.repeatedMessage(2, branches)
    }
  }

  /// The branches are registered, durably.
  package struct RegisterResponse: NamedMessage {
    package static let fullName = "caravan.v1.RegisterResponse"

    /// Branches of the transaction, those just registered included.
    package var branchCount: UInt32 = 0

    package init() {}

    package mutating func merge(from reader: inout WireReader) throws(WireError) {
      while let field = try reader.nextField() {
        switch field.number {
        case 1: branchCount = try reader.uint32(field)
        default: try reader.skip(field)
        }
      }
    }

    package func encode(into writer: inout WireWriter) {
      writer.uint32(1, branchCount)
    }
  }

  /// Runs phase one.
  package struct StartRequest: NamedMessage {
    package static let fullName = "caravan.v1.StartRequest"

    /// The transaction's id.
    package var id: String = ""

    package init() {}

    package mutating func merge(from reader: inout WireReader) throws(WireError) {
      while let field = try reader.nextField() {
        switch field.number {
        case 1: id = try reader.string(field)
        default: try reader.skip(field)
        }
      }
    }

    package func encode(into writer: inout WireWriter) {
      writer.string(1, id)
    }
  }

  /// Phase one is done.
  package struct StartResponse: NamedMessage {
    package static let fullName = "caravan.v1.StartResponse"

    /// The transaction, PREPARED or beyond.
    package var transaction: Transaction?

    package init() {}

    package mutating func merge(from reader: inout WireReader) throws(WireError) {
      while let field = try reader.nextField() {
        switch field.number {
        case 1: try reader.message(field, into: &transaction)
        default: try reader.skip(field)
        }
      }
    }

    package func encode(into writer: inout WireWriter) {
      writer.message(1, transaction)
    }
  }
}
