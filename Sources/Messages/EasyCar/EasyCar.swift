/// The messages of the package `proto`: easycar's interface.
package enum EasyCar {}

extension EasyCar {
  /// The service `proto.EasyCar`: its name and the paths of its methods.
  package enum Service {
    package static let serviceName = "proto.EasyCar"
    package static let begin = "/proto.EasyCar/Begin"
    package static let register = "/proto.EasyCar/Register"
    package static let start = "/proto.EasyCar/Start"
    package static let commit = "/proto.EasyCar/Commit"
    package static let rollback = "/proto.EasyCar/Rollback"
    package static let getState = "/proto.EasyCar/GetState"
  }
}
