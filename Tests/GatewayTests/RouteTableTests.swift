import HTTPTypes
import Messages
import ProtoJSON
import ProtoWire
import Testing

@testable import Gateway

struct RouteTableTests {
  private let table: RouteTable

  init() throws { table = try RouteTable(Shop.routes, Shop.catalog()) }

  private func route(_ method: String, _ path: String) -> String {
    switch table.match(.init(method) ?? .get, path[...]) {
    case .route(let entry, let fields):
      ([entry.method.name] + fields.map { "\($0.field)=\($0.raw)" }).joined(separator: " ")
    case .otherMethod(let methods): "405 " + methods.map(\.rawValue).joined(separator: ",")
    case .nothing: "404"
    }
  }

  @Test(arguments: [
    ("POST", "/v1/things:make", "Make"), ("GET", "/v1/things", "List"),
    ("GET", "/v1/things/a", "Get id=a"),
    ("GET", "/v1/things/a:b", "Get id=a:b"), ("GET", "/v1/things/a%2Fb", "Get id=a%2Fb"),
    ("GET", "/v1/things/a:watch", "Watch id=a"),
    ("GET", "/v1/things/a:watch:watch", "Watch id=a:watch"),
    ("GET", "/v1/things/a%3Awatch", "Get id=a%3Awatch"),
    ("GET", "/v1/things/a:watched", "Get id=a:watched"),
    ("GET", "/v1/things/:watch", "Get id=:watch"),
    ("POST", "/v1/things/a:b:change", "Change id=a:b"),
    ("POST", "/v1/things/make:change", "Change id=make"),
  ])
  func aPathLeadsToItsMethod(_ method: String, _ path: String, _ expected: String) {
    #expect(route(method, path) == expected)
  }

  @Test(arguments: [
    ("GET", "/v1/things:make", "405 POST"), ("POST", "/v1/things", "405 GET"),
    ("GET", "/v1/things/a:change", "405 POST"),
    ("DELETE", "/v1/things/a", "405 GET"), ("POST", "/v1/things/a:watch", "405 GET"),
    ("HEAD", "/v1/things/a", "405 GET"),
  ])
  func anotherMethodIsAnsweredWithThoseThatAreServed(
    _ method: String, _ path: String, _ expected: String
  ) {
    #expect(route(method, path) == expected)
  }

  @Test(arguments: [
    "", "v1/things", "/", "/v1", "/v1/things/", "/v1/things/a/b", "//v1/things",
    "/v1/things:nothing", "*",
  ])
  func anotherPathIsNothing(_ path: String) {
    #expect(route("GET", path) == "404")
  }

  @Test func aRouteToNowhereIsRefused() throws {
    let catalog = try Shop.catalog()
    #expect(throws: RouteError.unknownMethod("/shop.Things/Sell")) {
      try RouteTable([.post("/v1/things:sell", "/shop.Things/Sell")], catalog)
    }
    #expect(throws: RouteError.unknownField("name", "/v1/things/{name}")) {
      try RouteTable([.get("/v1/things/{name}", "/shop.Things/Get")], catalog)
    }
  }

  @Test(arguments: [
    ("a%2Fb%3a", "a/b:"), ("%C3%A9", "é"), ("a+b", "a+b"), ("", ""), ("%", nil), ("%4", nil),
    ("%zz", nil), ("%ff", nil),
    ("%é1", nil),
  ])
  func pathsAreDecoded(_ text: String, _ expected: String?) {
    #expect(QueryText.decode(text[...]) == expected)
  }

  @Test(arguments: [
    ("id=a&x=b%26c", ["id=a", "x=b&c"]), ("x=a+b", ["x=a b"]), ("x", ["x="]), ("&&", []),
    ("x==", ["x=="]), ("=1", ["=1"]),
  ])
  func queriesAreTakenApart(_ text: String, _ expected: [String]) {
    #expect(QueryText.parameters(text[...])?.map { "\($0.name)=\($0.value)" } == expected)
  }
}

/// A service of the tests' own, from descriptors that are written by hand.
enum Shop {
  static let routes: [HTTPRoute] = [
    .get("/v1/things/{id}", "/shop.Things/Get"),
    .get("/v1/things", "/shop.Things/List"),
    .post("/v1/things:make", "/shop.Things/Make"),
    .post("/v1/things/{id}:change", "/shop.Things/Change"),
    .get("/v1/things/{id}:watch", "/shop.Things/Watch", event: "thing"),
  ]

  static func catalog() throws -> ProtoCatalog {
    let file = GoogleProtobuf.FileDescriptorProto {
      $0.name = "shop.proto"
      $0.package = "shop"
      $0.messageTypes = [
        GoogleProtobuf.DescriptorProto {
          $0.name = "Thing"
          $0.fields = [
            field("id", 1, type: 9), field("size", 2, type: 13), field("is_new", 3, type: 8),
            field("tags", 4, type: 9, isRepeated: true), field("data", 5, type: 12),
          ]
        }
      ]
      $0.services = [
        GoogleProtobuf.ServiceDescriptorProto {
          $0.name = "Things"
          $0.methods = ["Get", "List", "Make", "Change", "Watch"].map { name in
            GoogleProtobuf.MethodDescriptorProto {
              $0.name = name
              $0.inputType = ".shop.Thing"
              $0.outputType = ".shop.Thing"
              $0.serverStreaming = name == "Watch"
            }
          }
        }
      ]
    }
    return try ProtoCatalog(
      descriptorSet: GoogleProtobuf.FileDescriptorSet { $0.files = [file.wireBytes()] }.wireBytes())
  }

  private static func field(
    _ name: String, _ number: Int32, type: Int32, isRepeated: Bool = false
  ) -> GoogleProtobuf.FieldDescriptorProto {
    GoogleProtobuf.FieldDescriptorProto {
      $0.name = name
      $0.number = number
      $0.type = type
      $0.label = isRepeated ? 3 : 1
      $0.jsonName = name == "is_new" ? "isNew" : name
    }
  }
}
