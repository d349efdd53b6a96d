/// The package `grpc.reflection.v1alpha`. Its messages are those of `grpc.reflection.v1`, field by
/// field, so the types of that package stand for both; only the service has another name.
package enum GRPCReflectionV1Alpha {}

extension GRPCReflectionV1Alpha {
  /// The service `grpc.reflection.v1alpha.ServerReflection`: its name and the path of its method.
  package enum ServerReflection {
    package static let serviceName = "grpc.reflection.v1alpha.ServerReflection"
    package static let info = "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo"
  }
}
