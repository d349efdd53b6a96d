import GRPC
import HTTPTypes
import ProtoJSON

/// The OpenAPI 3.1 document of a table of routes: schemas from the descriptors, words from the
/// comments in the protos.
struct OpenAPIDocument {
  private let table: RouteTable
  private let catalog: ProtoCatalog
  private let title: String

  init(table: RouteTable, catalog: ProtoCatalog, title: String) {
    self.table = table
    self.catalog = catalog
    self.title = title
  }

  /// The HTTP statuses of errors that any operation may answer with.
  private static let errors: [StatusCode] = [
    .invalidArgument, .permissionDenied, .notFound, .aborted, .resourceExhausted, .internal,
    .unimplemented, .unavailable, .deadlineExceeded,
  ]

  var json: JSONValue {
    let routes = table.entries.sorted { $0.route.path < $1.route.path }
    var schemas = OpenAPISchemas(catalog)
    var paths: [JSONValue.Member] = []
    for entry in routes {
      let item = JSONValue.Member(
        entry.route.method.rawValue.lowercased(), operation(entry, &schemas))
      if let index = paths.firstIndex(where: { $0.name == entry.route.path }),
        case .object(let others) = paths[index].value
      {
        paths[index].value = .object(others + [item])
      } else {
        paths.append(JSONValue.Member(entry.route.path, .object([item])))
      }
    }
    let services = catalog.services.filter { service in
      routes.contains { $0.route.rpc.hasPrefix("/\(service.name)/") }
    }
    return .object([
      JSONValue.Member("openapi", "3.1.0"),
      JSONValue.Member(
        "info",
        .object([
          JSONValue.Member("title", .string(title)), JSONValue.Member("version", "1"),
          JSONValue.Member(
            "description", .string(services.map(\.comment).joined(separator: "\n\n"))),
        ])),
      JSONValue.Member(
        "tags",
        .array(services.map { .object([JSONValue.Member("name", .string($0.name))]) })),
      JSONValue.Member("paths", .object(paths)),
      JSONValue.Member(
        "components",
        .object([
          JSONValue.Member("schemas", .object(schemas.members)),
          JSONValue.Member("responses", .object(Self.responses)),
        ])),
    ])
  }

  private func operation(
    _ entry: RouteTable.Entry, _ schemas: inout OpenAPISchemas
  ) -> JSONValue {
    let (route, method) = (entry.route, entry.method)
    let service = route.rpc.split(separator: "/").first ?? ""
    var members = [
      JSONValue.Member(
        "operationId",
        .string("\(service.split(separator: ".").last ?? "")_\(method.name)")),
      JSONValue.Member("tags", .array([.string(String(service))])),
      JSONValue.Member("description", .string(method.comment)),
    ]
    var parameters = route.pathFields.compactMap { name in
      entry.input.field(named: name).map { parameter($0, name, "path", &schemas) }
    }
    if !route.hasBody {
      for field in entry.input.fields where !route.pathFields.contains(field.name) {
        parameters.append(parameter(field, field.jsonName, "query", &schemas))
      }
    }
    if !parameters.isEmpty { members.append(JSONValue.Member("parameters", .array(parameters))) }
    if route.hasBody {
      let schema =
        route.pathFields.isEmpty
        ? schemas.reference(entry.input.name)
        : schemas.object(entry.input, without: route.pathFields)
      members.append(
        JSONValue.Member(
          "requestBody",
          ["content": Self.content("application/json", schema)]))
    }
    members.append(JSONValue.Member("responses", responses(entry, &schemas)))
    return .object(members)
  }

  private func parameter(
    _ field: FieldSchema, _ name: String, _ place: JSONValue, _ schemas: inout OpenAPISchemas
  ) -> JSONValue {
    var members = [
      JSONValue.Member("name", .string(name)), JSONValue.Member("in", place),
      JSONValue.Member("description", .string(field.comment)),
      JSONValue.Member("schema", schemas.field(field)),
    ]
    if place == "path" {
      members.append(JSONValue.Member("required", .bool(true)))
    }
    return .object(members)
  }

  private func responses(
    _ entry: RouteTable.Entry, _ schemas: inout OpenAPISchemas
  ) -> JSONValue {
    let output = catalog.messages[entry.method.output]
    let reference = schemas.reference(entry.method.output)
    let description = output?.comment ?? ""
    let success: JSONValue
    if entry.method.isServerStreaming {
      let name = entry.method.output.split(separator: ".").last ?? ""
      success = .object([
        JSONValue.Member(
          "description",
          .string(
            "\(description) Events `\(entry.route.event)`, each with a \(name) as its data; an event `error`, "
              + "with an Error, where it ends before its end.")),
        JSONValue.Member(
          "content",
          Self.content("text/event-stream", .object([JSONValue.Member("type", "string")]))),
      ])
    } else {
      success = .object([
        JSONValue.Member("description", .string(description)),
        JSONValue.Member("content", Self.content("application/json", reference)),
      ])
    }
    var members = [JSONValue.Member("200", success)]
    var statuses = Self.errors.map(\.http.code)
    if entry.route.hasBody { statuses += [413, 415] }
    for status in statuses.sorted() {
      let name = status == 429 || status == 503 ? "ErrorWithPause" : "Error"
      members.append(
        JSONValue.Member(
          String(status),
          .object([JSONValue.Member("$ref", .string("#/components/responses/\(name)"))])))
    }
    return .object(members)
  }

  private static func content(_ type: String, _ schema: JSONValue) -> JSONValue {
    .object([JSONValue.Member(type, .object([JSONValue.Member("schema", schema)]))])
  }

  private static let responses: [JSONValue.Member] = {
    let body = content("application/json", ["$ref": "#/components/schemas/Error"])
    return [
      JSONValue.Member(
        "Error",
        [
          "description": "It was not done, or it is not known whether it was: see `code`.",
          "content": body,
        ]),
      JSONValue.Member(
        "ErrorWithPause",
        [
          "description": "Not now: repeat it after a pause.",
          "headers": [
            "Retry-After": [
              "description": "Seconds to wait before the request is repeated.",
              "schema": ["type": "integer"],
            ]
          ],
          "content": body,
        ]),
    ]
  }()
}
