import Gateway
import HTTPTypes
import Messages
import ProtoJSON
import Testing

@testable import Coordinator

struct HTTPRoutesTests {
  /// What the protos say of a method's route.
  private struct Annotation: Equatable, Comparable {
    var rpc: String
    var verb: String
    var path: String

    static func < (left: Annotation, right: Annotation) -> Bool {
      (left.rpc, left.path) < (right.rpc, right.path)
    }
  }

  private static func annotations() throws -> [Annotation] {
    let catalog = try ProtoCatalog(descriptorSet: ReflectionDescriptors.serialized)
    return catalog.services.flatMap(\.methods).compactMap { method in
      guard let http = method.http, let pattern = http.pattern else { return nil }
      switch pattern {
      case .get(let path):
        #expect(http.body.isEmpty)
        return Annotation(rpc: method.path, verb: "GET", path: path)
      case .post(let path):
        #expect(http.body == "*")
        return Annotation(rpc: method.path, verb: "POST", path: path)
      case .put(let path), .delete(let path), .patch(let path):
        Issue.record("\(path): neither GET nor POST")
        return nil
      }
    }
  }

  @Test func theTableSaysWhatTheProtosSay() throws {
    let table = HTTPRoutes.all.map {
      Annotation(rpc: $0.rpc, verb: $0.method.rawValue, path: $0.path)
    }
    #expect(table.sorted() == (try Self.annotations()).sorted())
  }

  @Test func everyMethodOfTheCoordinatorHasARoute() throws {
    let catalog = try ProtoCatalog(descriptorSet: ReflectionDescriptors.serialized)
    let service = try #require(
      catalog.services.first { $0.name == CaravanV1.Coordinator.serviceName })
    for method in service.methods { #expect(method.http != nil, "\(method.path)") }
  }
}
