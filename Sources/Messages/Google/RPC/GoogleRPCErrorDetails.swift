package import ProtoWire

extension GoogleRPC {
  /// The cause of an error, for programs.
  package struct ErrorInfo: NamedMessage {
    package static let fullName = "google.rpc.ErrorInfo"

    /// The cause: a constant in UPPER_SNAKE_CASE.
    package var reason: String = ""
    /// Who states it: `caravan`.
    package var domain: String = ""
    /// More about it: names and values.
    package var metadata: [String: String] = [:]

    package init() {}

    package mutating func merge(from reader: inout WireReader) throws(WireError) {
      while let field = try reader.nextField() {
        switch field.number {
        case 1: reason = try reader.string(field)
        case 2: domain = try reader.string(field)
        case 3: try reader.mapEntry(field, into: &metadata, max: WireLimits.mapEntriesMax)
        default: try reader.skip(field)
        }
      }
    }

    package func encode(into writer: inout WireWriter) {
      writer.string(1, reason)
      writer.string(2, domain)
      writer.map(3, metadata)
    }
  }

  /// When to ask again.
  package struct RetryInfo: NamedMessage {
    package static let fullName = "google.rpc.RetryInfo"

    /// How long to wait at least.
    package var retryDelay: GoogleProtobuf.Duration?

    package init() {}

    package mutating func merge(from reader: inout WireReader) throws(WireError) {
      while let field = try reader.nextField() {
        switch field.number {
        case 1: try reader.message(field, into: &retryDelay)
        default: try reader.skip(field)
        }
      }
    }

    package func encode(into writer: inout WireWriter) {
      writer.message(1, retryDelay)
    }
  }

  /// What is wrong with a request.
  package struct BadRequest: NamedMessage {
    package static let fullName = "google.rpc.BadRequest"

    /// One field that is wrong.
    package struct FieldViolation: NamedMessage {
      package static let fullName = "google.rpc.BadRequest.FieldViolation"

      /// Path of the field: `branches[2].retry.attempts_max`.
      package var field: String = ""
      /// What was expected, what came, what to do.
      package var description: String = ""

      package init() {}

      package mutating func merge(from reader: inout WireReader) throws(WireError) {
        while let field = try reader.nextField() {
          switch field.number {
          case 1: self.field = try reader.string(field)
          case 2: description = try reader.string(field)
          default: try reader.skip(field)
          }
        }
      }

      package func encode(into writer: inout WireWriter) {
        writer.string(1, field)
        writer.string(2, description)
      }
    }

    /// All fields that are wrong.
    package var fieldViolations: [BadRequest.FieldViolation] = []

    package init() {}

    package mutating func merge(from reader: inout WireReader) throws(WireError) {
      while let field = try reader.nextField() {
        switch field.number {
        case 1: try reader.appendMessage(field, to: &fieldViolations)
        default: try reader.skip(field)
        }
      }
    }

    package func encode(into writer: inout WireWriter) {
      writer.repeatedMessage(1, fieldViolations)
    }
  }
}
