/// The messages of the package `caravan.v1`.
package enum CaravanV1 {}

extension CaravanV1 {
  /// The service `caravan.v1.Coordinator`: its name and the paths of its methods.
  package enum Coordinator {
    package static let serviceName = "caravan.v1.Coordinator"
    package static let begin = "/caravan.v1.Coordinator/Begin"
    package static let register = "/caravan.v1.Coordinator/Register"
    package static let start = "/caravan.v1.Coordinator/Start"
    package static let commit = "/caravan.v1.Coordinator/Commit"
    package static let rollback = "/caravan.v1.Coordinator/Rollback"
    package static let execute = "/caravan.v1.Coordinator/Execute"
    package static let get = "/caravan.v1.Coordinator/Get"
    package static let list = "/caravan.v1.Coordinator/List"
    package static let watch = "/caravan.v1.Coordinator/Watch"
  }
}
