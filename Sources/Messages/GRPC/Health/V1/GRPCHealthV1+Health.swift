/// The messages of the package `grpc.health.v1`.
package enum GRPCHealthV1 {}

extension GRPCHealthV1 {
  /// The service `grpc.health.v1.Health`: its name and the paths of its methods.
  package enum Health {
    package static let serviceName = "grpc.health.v1.Health"
    package static let check = "/grpc.health.v1.Health/Check"
    package static let watch = "/grpc.health.v1.Health/Watch"
  }
}
