package import ProtoWire

extension CaravanV1 {
  /// Asks for one transaction.
  package struct GetRequest: NamedMessage {
    package static let fullName = "caravan.v1.GetRequest"

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

  /// One transaction.
  package struct GetResponse: NamedMessage {
    package static let fullName = "caravan.v1.GetResponse"

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

  /// Asks for transactions. Conditions add up.
  package struct ListRequest: NamedMessage {
    package static let fullName = "caravan.v1.ListRequest"

    /// Only these states; empty: all.
    package var states: [State] = []
    /// Only those that need an operator's attention.
    package var needsAttention: Bool = false
    /// Only those whose id starts with this.
    package var idPrefix: String = ""
    /// Only those begun at or after this.
    package var createdFrom: GoogleProtobuf.Timestamp?
    /// Only those begun before this.
    package var createdTo: GoogleProtobuf.Timestamp?
    /// At most this many: 1 to 1,000; 0 means 100.
    package var pageSize: UInt32 = 0
    /// `next_page_token` of the page before; empty: the first page.
    package var pageToken: String = ""

    package init() {}

    package mutating func merge(from reader: inout WireReader) throws(WireError) {
      while let field = try reader.nextField() {
        switch field.number {
        case 1: try reader.appendEnum(field, to: &states)
        case 2: needsAttention = try reader.bool(field)
        case 3: idPrefix = try reader.string(field)
        case 4: try reader.message(field, into: &createdFrom)
        case 5: try reader.message(field, into: &createdTo)
        case 6: pageSize = try reader.uint32(field)
        case 7: pageToken = try reader.string(field)
        default: try reader.skip(field)
        }
      }
    }

    package func encode(into writer: inout WireWriter) {
      writer.packedEnum(1, states)
      writer.bool(2, needsAttention)
      writer.string(3, idPrefix)
      writer.message(4, createdFrom)
      writer.message(5, createdTo)
      writer.uint32(6, pageSize)
      writer.string(7, pageToken)
    }
  }

  /// A page of transactions, without branches.
  package struct ListResponse: NamedMessage {
    package static let fullName = "caravan.v1.ListResponse"

    /// The transactions, newest first.
    package var transactions: [Transaction] = []
    /// For the next page; empty: this is the last.
    package var nextPageToken: String = ""

    package init() {}

    package mutating func merge(from reader: inout WireReader) throws(WireError) {
      while let field = try reader.nextField() {
        switch field.number {
        case 1: try reader.appendMessage(field, to: &transactions)
        case 2: nextPageToken = try reader.string(field)
        default: try reader.skip(field)
        }
      }
    }

    package func encode(into writer: inout WireWriter) {
      writer.repeatedMessage(1, transactions)
      writer.string(2, nextPageToken)
    }
  }

  /// Asks for the changes of one transaction.
  package struct WatchRequest: NamedMessage {
    package static let fullName = "caravan.v1.WatchRequest"

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

  /// One state of the transaction that is watched.
  package struct WatchResponse: NamedMessage {
    package static let fullName = "caravan.v1.WatchResponse"

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

  /// In the status details of every ABORTED that reports a rollback. At most 6,000 bytes; Get has
  /// the rest.
  package struct RollbackSummary: NamedMessage {
    package static let fullName = "caravan.v1.RollbackSummary"

    /// The transaction's id.
    package var id: String = ""
    /// ROLLING_BACK or ROLLED_BACK.
    package var state: State = .unspecified
    /// Why it rolls back.
    package var reason: RollbackReason?
    /// The first branches that failed, without replies.
    package var failedBranches: [BranchOutcome] = []
    /// Number of branches that failed.
    package var failedBranchCount: UInt32 = 0

    package init() {}

    package mutating func merge(from reader: inout WireReader) throws(WireError) {
      while let field = try reader.nextField() {
        switch field.number {
        case 1: id = try reader.string(field)
        case 2: state = try reader.enum(field)
        case 3: try reader.message(field, into: &reason)
        case 4: try reader.appendMessage(field, to: &failedBranches)
        case 5: failedBranchCount = try reader.uint32(field)
        default: try reader.skip(field)
        }
      }
    }

    package func encode(into writer: inout WireWriter) {
      writer.string(1, id)
      writer.enum(2, state)
      writer.message(3, reason)
      writer.repeatedMessage(4, failedBranches)
      writer.uint32(5, failedBranchCount)
    }
  }
}
