import GRPC
import Messages
import ProtoWire

/// What callers are told whose request is wrong.
extension Status {
  /// Violations that the message itself names; the details have all of them.
  private static let violationsInMessage = 3

  /// The bytes are no message of this kind.
  static func malformed(_ error: WireError, _ kind: RequestKind) -> Status {
    Status(
      .invalidArgument, "not a \(kind.name)Request: \(error)",
      info: GoogleRPC.ErrorInfo(caravan: "MALFORMED", [:]))
  }

  /// Fields are wrong, or addresses are not permitted.
  static func refused(_ violations: FieldViolations, _ kind: RequestKind, id: String) -> Status {
    violations.count > 0
      ? invalid(violations, kind, id: id) : forbidden(violations, kind, id: id)
  }

  private static func invalid(
    _ violations: FieldViolations, _ kind: RequestKind, id: String
  ) -> Status {
    let shown = violations.described.prefix(violationsInMessage)
      .map { "\($0.field): \($0.description)" }.joined(separator: "; ")
    let more = violations.count - min(violations.count, violationsInMessage)
    let text =
      "\(kind.name)\(of(id)) is refused: \(shown)" + (more > 0 ? "; and \(more) more" : "")
    return Status(
      .invalidArgument, text,
      info: GoogleRPC.ErrorInfo(
        caravan: "BAD_REQUEST", ["transaction": shownID(id), "violations": "\(violations.count)"])
    ) { room in
      GoogleProtobuf.AnyMessage(packing: badRequest(violations, bytesMax: room))
    }
  }

  /// As many violations as fit; where some are left out, a last one says so.
  private static func badRequest(
    _ violations: FieldViolations, bytesMax: Int
  ) -> GoogleRPC.BadRequest {
    var request = GoogleRPC.BadRequest()
    // Room for the sentence that says what is missing.
    var left = bytesMax - 128
    for violation in violations.described {
      left -= violation.wireBytes().count + 4
      if left < 0 { break }
      request.fieldViolations.append(violation)
    }
    let missing = violations.count - request.fieldViolations.count
    if missing > 0 {
      request.fieldViolations.append(
        GoogleRPC.BadRequest.FieldViolation {
          $0.description = "\(missing) more violations; mend these first"
        })
    }
    return request
  }

  private static func forbidden(
    _ violations: FieldViolations, _ kind: RequestKind, id: String
  ) -> Status {
    let places = violations.forbidden
    let shown = places.prefix(violationsInMessage)
      .map { "\(Quotation.of($0.address)) (\($0.field))" }.joined(separator: ", ")
    let more = places.count - min(places.count, violationsInMessage)
    return Status(
      .permissionDenied,
      "\(kind.name)\(of(id)) is refused: the coordinator may not call \(shown)"
        + (more > 0 ? " and \(more) more" : "")
        + "; its operator permits addresses with the setting participants.allow",
      info: GoogleRPC.ErrorInfo(
        caravan: "ADDRESS_NOT_ALLOWED",
        [
          "transaction": shownID(id), "setting": "participants.allow",
          "address": (places.first?.address ?? "").cut(toBytes: Quotation.bytesMax),
          "field": places.first?.field ?? "",
        ]))
  }

  private static func of(_ id: String) -> String {
    id.isEmpty ? "" : " of transaction \(Quotation.of(id))"
  }

  /// An id that may not be one, as metadata carries it.
  private static func shownID(_ id: String) -> String {
    id.cut(toBytes: Quotation.bytesMax * 2)
  }
}
