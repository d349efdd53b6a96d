package import ProtoWire

extension GRPCHealthV1 {
  /// Asks for the health of a service.
  package struct HealthCheckRequest: NamedMessage {
    package static let fullName = "grpc.health.v1.HealthCheckRequest"

    /// Full name of the service; empty: the server as a whole.
    package var service: String = ""

    package init() {}

    package mutating func merge(from reader: inout WireReader) throws(WireError) {
      while let field = try reader.nextField() {
        switch field.number {
        case 1: service = try reader.string(field)
        default: try reader.skip(field)
        }
      }
    }

    package func encode(into writer: inout WireWriter) {
      writer.string(1, service)
    }
  }

  /// The health of a service.
  package struct HealthCheckResponse: NamedMessage {
    package static let fullName = "grpc.health.v1.HealthCheckResponse"

    /// Whether a service takes calls.
    package enum ServingStatus: WireEnum {
      /// Not known.
      case unknown
      /// It takes calls.
      case serving
      /// It takes none: draining, or its database is away.
      case notServing
      /// Only Watch sends this: no such service.
      case serviceUnknown
      /// A value that this version does not know.
      case unrecognized(Int32)

      package init(rawValue: Int32) {
        switch rawValue {
        case 0: self = .unknown
        case 1: self = .serving
        case 2: self = .notServing
        case 3: self = .serviceUnknown
        default: self = .unrecognized(rawValue)
        }
      }

      package var rawValue: Int32 {
        switch self {
        case .unknown: 0
        case .serving: 1
        case .notServing: 2
        case .serviceUnknown: 3
        case .unrecognized(let rawValue): rawValue
        }
      }
    }

    /// Whether the service takes calls.
    package var status: HealthCheckResponse.ServingStatus = .unknown

    package init() {}

    package mutating func merge(from reader: inout WireReader) throws(WireError) {
      while let field = try reader.nextField() {
        switch field.number {
        case 1: status = try reader.enum(field)
        default: try reader.skip(field)
        }
      }
    }

    package func encode(into writer: inout WireWriter) {
      writer.enum(1, status)
    }
  }
}
