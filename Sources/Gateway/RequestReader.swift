import GRPC
import Messages
import ProtoJSON
import ProtoWire

/// From the parts of an HTTP request to the bytes of its request message.
struct RequestReader: Sendable {
  let mapping: JSONMapping

  /// - Parameters:
  ///   - fields: of the path, undecoded
  ///   - query: undecoded; nil: none
  ///   - body: empty where there is none, which is the same as `{}`
  func message(
    _ entry: RouteTable.Entry, fields: [(field: String, raw: Substring)], query: Substring?,
    body: [UInt8]
  ) throws(Status) -> [UInt8] {
    var members: [JSONValue.Member] = []
    if entry.route.hasBody, !body.isEmpty {
      members = try object(body)
    }
    if let query, !query.isEmpty { try add(query, entry, to: &members) }
    for (name, raw) in fields {
      guard let field = entry.input.field(named: name) else { continue }
      guard let text = QueryText.decode(raw) else {
        throw .refused(name, "is not percent-encoded UTF-8 in the path")
      }
      let value = JSONMapping.value(of: text, for: field)
      if let other = members.first(where: { $0.name == field.name || $0.name == field.jsonName }) {
        guard other.value == value else {
          throw .refused(name, "stands in the path already, and is another there; leave it out")
        }
      } else {
        members.append(JSONValue.Member(field.name, value))
      }
    }
    do {
      return try mapping.wireBytes(of: .object(members), as: entry.input.name)
    } catch {
      throw .refused(error.path, error.problem)
    }
  }

  private func object(_ body: [UInt8]) throws(Status) -> [JSONValue.Member] {
    let value: JSONValue
    do {
      value = try JSONValue(parsing: body)
    } catch {
      throw .refused("", error.description)
    }
    guard case .object(let members) = value else {
      throw .refused("", "the body is \(value.kind); write an object")
    }
    return members
  }

  private func add(
    _ query: Substring, _ entry: RouteTable.Entry, to members: inout [JSONValue.Member]
  ) throws(Status) {
    guard let parameters = QueryText.parameters(query) else {
      throw .refused("", "the query is not percent-encoded UTF-8")
    }
    var lists: [String: [JSONValue]] = [:]
    var names: [String] = []
    for (name, text) in parameters {
      guard !entry.route.hasBody, let field = entry.input.field(named: name), !field.isMap,
        !entry.route.pathFields.contains(field.name)
      else { throw .refused(name, "there is no such query parameter") }
      let value = JSONMapping.value(of: text, for: field)
      if field.isRepeated {
        if lists[field.name] == nil { names.append(field.name) }
        lists[field.name, default: []].append(value)
      } else {
        members.append(JSONValue.Member(name, value))
      }
    }
    var seen: Set<String> = []
    for member in members where !seen.insert(member.name).inserted {
      throw .refused(member.name, "stands in the query twice")
    }
    for name in names {
      members.append(JSONValue.Member(name, .array(lists[name] ?? [])))
    }
  }
}

extension Status {
  /// Bytes of a name or a description from a stranger that an answer repeats.
  private static let quotedBytesMax = 512

  /// INVALID_ARGUMENT that names a field, as the services themselves answer it.
  static func refused(_ field: String, _ problem: String) -> Status {
    let field = cut(field)
    let problem = cut(problem)
    let text = field.isEmpty ? problem : "\(field): \(problem)"
    let details = GoogleRPC.Status {
      $0.code = Int32(StatusCode.invalidArgument.rawValue)
      $0.message = text
      $0.details = [
        GoogleProtobuf.AnyMessage(
          packing: GoogleRPC.BadRequest {
            $0.fieldViolations = [
              GoogleRPC.BadRequest.FieldViolation {
                $0.field = field
                $0.description = problem
              }
            ]
          })
      ]
    }
    return Status(.invalidArgument, text, details: details.wireBytes())
  }

  private static func cut(_ text: String) -> String {
    guard text.utf8.count > quotedBytesMax else { return text }
    return String(decoding: text.utf8.prefix(quotedBytesMax), as: UTF8.self) + "…"
  }
}
