package import ProtoWire

extension CaravanV1 {
  /// Who is told the end of a transaction. A completion that fails changes nothing; it is repeated
  /// until it is taken, so it may come more than once.
  package struct Completion: NamedMessage {
    package static let fullName = "caravan.v1.Completion"

    /// Where the end is told.
    package enum Target: Equatable, Sendable {
      /// A unary method that takes a CompletionRequest. What it replies is not read.
      case grpc(GrpcTarget)
      /// Gets a CompletionRequest as JSON.
      case http(HttpTarget)
    }

    /// Where the end is told.
    package var target: Target?
    /// As in Call.
    package var metadata: [String: String] = [:]
    /// The delays between attempts, and their timeout; `attempts_max` and `attention_after` are not
    /// used.
    package var retry: RetryPolicy?

    package init() {}

    package mutating func merge(from reader: inout WireReader) throws(WireError) {
      while let field = try reader.nextField() {
        switch field.number {
        case 1:
          var merged: GrpcTarget?
          if case .grpc(let before) = target { merged = before }
          try reader.message(field, into: &merged)
          target = merged.map(Target.grpc)
        case 2:
          var merged: HttpTarget?
          if case .http(let before) = target { merged = before }
          try reader.message(field, into: &merged)
          target = merged.map(Target.http)
        case 3: try reader.mapEntry(field, into: &metadata, max: WireLimits.mapEntriesMax)
        case 4: try reader.message(field, into: &retry)
        default: try reader.skip(field)
        }
      }
    }

    package func encode(into writer: inout WireWriter) {
      switch target {
      case .grpc(let grpc): writer.message(1, grpc, always: true)
      case .http(let http): writer.message(2, http, always: true)
      case nil: break
      }
      writer.map(3, metadata)
      writer.message(4, retry)
    }
  }

  /// What a completion gets.
  package struct CompletionRequest: NamedMessage {
    package static let fullName = "caravan.v1.CompletionRequest"

    /// The transaction, COMMITTED or ROLLED_BACK.
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

  /// What a completion may answer; it is not read.
  package struct CompletionResponse: NamedMessage {
    package static let fullName = "caravan.v1.CompletionResponse"

    package init() {}

    package mutating func merge(from reader: inout WireReader) throws(WireError) {
      while let field = try reader.nextField() { try reader.skip(field) }
    }

    package func encode(into writer: inout WireWriter) {}
  }

  /// How far the telling of a transaction's end has come.
  package struct CompletionOutcome: NamedMessage {
    package static let fullName = "caravan.v1.CompletionOutcome"

    /// When it was taken; absent before.
    package var deliveredAt: GoogleProtobuf.Timestamp?
    /// Attempts so far.
    package var attempts: UInt32 = 0
    /// When the next attempt is due; absent before the end of the transaction, and once it was
    /// taken.
    package var nextAttemptAt: GoogleProtobuf.Timestamp?
    /// The last failure; at most 1 KiB.
    package var error: String = ""

    package init() {}

    package mutating func merge(from reader: inout WireReader) throws(WireError) {
      while let field = try reader.nextField() {
        switch field.number {
        case 1: try reader.message(field, into: &deliveredAt)
        case 2: attempts = try reader.uint32(field)
        case 3: try reader.message(field, into: &nextAttemptAt)
        case 4: error = try reader.string(field)
        default: try reader.skip(field)
        }
      }
    }

    package func encode(into writer: inout WireWriter) {
      writer.message(1, deliveredAt)
      writer.uint32(2, attempts)
      writer.message(3, nextAttemptAt)
      writer.string(4, error)
    }
  }
}
