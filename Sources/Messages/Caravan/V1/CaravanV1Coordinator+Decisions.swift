package import ProtoWire

extension CaravanV1 {
  /// What Commit, Rollback and Execute wait for before they answer.
  package enum Wait: WireEnum {
    /// The end: COMMITTED or ROLLED_BACK.
    case end
    /// The decision, durable.
    case decision
    /// The request, durable.
    case none
    /// A value that this version does not know.
    case unrecognized(Int32)

    package init(rawValue: Int32) {
      switch rawValue {
      case 0: self = .end
      case 1: self = .decision
      case 2: self = .none
      default: self = .unrecognized(rawValue)
      }
    }

    package var rawValue: Int32 {
      switch self {
      case .end: 0
      case .decision: 1
      case .none: 2
      case .unrecognized(let rawValue): rawValue
      }
    }
  }

  /// Commits.
  package struct CommitRequest: NamedMessage {
    package static let fullName = "caravan.v1.CommitRequest"

    /// The transaction's id.
    package var id: String = ""
    /// What to wait for.
    package var wait: Wait = .end

    package init() {}

    package mutating func merge(from reader: inout WireReader) throws(WireError) {
      while let field = try reader.nextField() {
        switch field.number {
        case 1: id = try reader.string(field)
        case 2: wait = try reader.enum(field)
        default: try reader.skip(field)
        }
      }
    }

    package func encode(into writer: inout WireWriter) {
      writer.string(1, id)
      writer.enum(2, wait)
    }
  }

  /// The transaction as far as it was waited for.
  package struct CommitResponse: NamedMessage {
    package static let fullName = "caravan.v1.CommitResponse"

    /// The transaction.
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

  /// Rolls back.
  package struct RollbackRequest: NamedMessage {
    package static let fullName = "caravan.v1.RollbackRequest"

    /// The transaction's id.
    package var id: String = ""
    /// What to wait for.
    package var wait: Wait = .end
    /// Why, for those who look at it later; at most 1 KiB.
    package var reason: String = ""

    package init() {}

    package mutating func merge(from reader: inout WireReader) throws(WireError) {
      while let field = try reader.nextField() {
        switch field.number {
        case 1: id = try reader.string(field)
        case 2: wait = try reader.enum(field)
        case 3: reason = try reader.string(field)
        default: try reader.skip(field)
        }
      }
    }

    package func encode(into writer: inout WireWriter) {
      writer.string(1, id)
      writer.enum(2, wait)
      writer.string(3, reason)
    }
  }

  /// The rollback as far as it was waited for.
  package struct RollbackResponse: NamedMessage {
    package static let fullName = "caravan.v1.RollbackResponse"

    /// The transaction.
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

  /// Begins, registers and commits.
  package struct ExecuteRequest: NamedMessage {
    package static let fullName = "caravan.v1.ExecuteRequest"

    /// 1 to 128 bytes of `[A-Za-z0-9._:/-]`; empty: the coordinator makes one.
    package var id: String = ""
    /// Time to the decision; absent: the coordinator's default. 1 ms to 30 days.
    package var timeout: GoogleProtobuf.Duration?
    /// The branches; at most 1,000.
    package var branches: [Branch] = []
    /// What to wait for.
    package var wait: Wait = .end
    /// Who is told the end; absent: nobody.
    package var completion: Completion?

    package init() {}

    package mutating func merge(from reader: inout WireReader) throws(WireError) {
      while let field = try reader.nextField() {
        switch field.number {
        case 1: id = try reader.string(field)
        case 2: try reader.message(field, into: &timeout)
        case 3: try reader.appendMessage(field, to: &branches, max: WireLimits.branchesMax)
        case 4: wait = try reader.enum(field)
        case 5: try reader.message(field, into: &completion)
        default: try reader.skip(field)
        }
      }
    }

    package func encode(into writer: inout WireWriter) {
      writer.string(1, id)
      writer.message(2, timeout)
      writer.repeatedMessage(3, branches)
      writer.enum(4, wait)
      writer.message(5, completion)
    }
  }

  /// The transaction as far as it was waited for.
  package struct ExecuteResponse: NamedMessage {
    package static let fullName = "caravan.v1.ExecuteResponse"

    /// The transaction.
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
