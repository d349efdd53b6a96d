/// The messages of the package `grpc.reflection.v1`.
package enum GRPCReflectionV1 {}

extension GRPCReflectionV1 {
  /// The service `grpc.reflection.v1.ServerReflection`: its name and the path of its method.
  package enum ServerReflection {
    package static let serviceName = "grpc.reflection.v1.ServerReflection"
    package static let info = "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo"
  }
}
