package import ProtoWire

extension CaravanV1 {
  /// One call of a participant: where and what.
  package struct Call: NamedMessage {
    package static let fullName = "caravan.v1.Call"

    /// Where the call goes.
    package enum Target: Equatable, Sendable {
      /// Over native gRPC.
      case grpc(GrpcTarget)
      /// Over HTTP.
      case http(HttpTarget)
    }

    /// Where the call goes.
    package var target: Target?
    /// The request, sent as it stands; at most 1 MiB.
    package var payload: [UInt8] = []
    /// Metadata sent with a gRPC call, headers sent with an HTTP call. Names are lower case;
    /// `caravan-`, `grpc-` and `:` names are refused, and on HTTP those that the coordinator or
    /// HTTP itself sets. Values of `-bin` names are base64 on gRPC.
    package var metadata: [String: String] = [:]
    /// Status codes, beside OK on gRPC and 2xx on HTTP, that mean done: a participant that answers
    /// a repeated Cancel with NOT_FOUND (5), or with 404, say.
    package var alsoDoneOn: [Int32] = []
    /// Parts of earlier replies that go into the request of a gRPC call.
    package var copy: [Copy] = []

    package init() {}

    package mutating func merge(from reader: inout WireReader) throws(WireError) {
      while let field = try reader.nextField() {
        switch field.number {
        case 1:
          var merged: GrpcTarget?
          if case .grpc(let before) = target { merged = before }
          try reader.message(field, into: &merged)
          target = merged.map(Target.grpc)
        case 2: payload = try reader.bytes(field)
        case 3: try reader.mapEntry(field, into: &metadata, max: WireLimits.mapEntriesMax)
        case 4: try reader.appendInt32(field, to: &alsoDoneOn)
        case 5:
          var merged: HttpTarget?
          if case .http(let before) = target { merged = before }
          try reader.message(field, into: &merged)
          target = merged.map(Target.http)
        case 6: try reader.appendMessage(field, to: &copy)
        default: try reader.skip(field)
        }
      }
    }

    package func encode(into writer: inout WireWriter) {
      if case .grpc(let grpc) = target { writer.message(1, grpc, always: true) }
      writer.bytes(2, payload)
      writer.map(3, metadata)
      writer.packedInt32(4, alsoDoneOn)
      if case .http(let http) = target { writer.message(5, http, always: true) }
      writer.repeatedMessage(6, copy)
    }
  }

  /// A call over native gRPC.
  package struct GrpcTarget: NamedMessage {
    package static let fullName = "caravan.v1.GrpcTarget"

    /// `host:port`, `[::1]:port`, `dns:///host:port` or `unix:/path`.
    package var address: String = ""
    /// `/package.Service/Method`.
    package var method: String = ""

    package init() {}

    package mutating func merge(from reader: inout WireReader) throws(WireError) {
      while let field = try reader.nextField() {
        switch field.number {
        case 1: address = try reader.string(field)
        case 2: method = try reader.string(field)
        default: try reader.skip(field)
        }
      }
    }

    package func encode(into writer: inout WireWriter) {
      writer.string(1, address)
      writer.string(2, method)
    }
  }

  /// A call over HTTP: HTTP/1.1, or HTTP/2 where a TLS server offers it.
  package struct HttpTarget: NamedMessage {
    package static let fullName = "caravan.v1.HttpTarget"

    /// `http://host:port/path?query` or `https://…`; no user, no fragment.
    package var url: String = ""
    /// DELETE, GET, PATCH, POST or PUT; empty: POST.
    package var method: String = ""
    /// The payload is a JSON document, and in its strings and in the values of `metadata`
    /// `${branch.<id>.reply.json:<pointer>}` stands for a part of an earlier branch's JSON reply.
    package var template: Bool = false

    package init() {}

    package mutating func merge(from reader: inout WireReader) throws(WireError) {
      while let field = try reader.nextField() {
        switch field.number {
        case 1: url = try reader.string(field)
        case 2: method = try reader.string(field)
        case 3: template = try reader.bool(field)
        default: try reader.skip(field)
        }
      }
    }

    package func encode(into writer: inout WireWriter) {
      writer.string(1, url)
      writer.string(2, method)
      writer.bool(3, template)
    }
  }

  /// Copies a field of an earlier branch's reply into the request of a gRPC call.
  package struct Copy: NamedMessage {
    package static let fullName = "caravan.v1.Copy"

    /// The branch whose reply is used: on a lower level, or of an undo with `or_payload` its own; a
    /// gRPC branch that the coordinator calls.
    package var fromBranch: String = ""
    /// Field numbers from the reply down to the field; empty: the whole reply, as a message.
    package var fromPath: [UInt32] = []
    /// Field numbers from the request down to the field that is set; what the payload has there is
    /// replaced.
    package var toPath: [UInt32] = []
    /// In an undo that uses its own branch's reply: where the outcome of phase one is unknown, the
    /// payload goes as it is.
    package var orPayload: Bool = false

    package init() {}

    package mutating func merge(from reader: inout WireReader) throws(WireError) {
      while let field = try reader.nextField() {
        switch field.number {
        case 1: fromBranch = try reader.string(field)
        case 2: try reader.appendUInt32(field, to: &fromPath)
        case 3: try reader.appendUInt32(field, to: &toPath)
        case 4: orPayload = try reader.bool(field)
        default: try reader.skip(field)
        }
      }
    }

    package func encode(into writer: inout WireWriter) {
      writer.string(1, fromBranch)
      writer.packedUInt32(2, fromPath)
      writer.packedUInt32(3, toPath)
      writer.bool(4, orPayload)
    }
  }
}
