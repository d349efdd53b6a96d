@testable import Coordinator

extension CallAdmission.Limits {
  /// The defaults of the settings; a test says itself what it is about.
  static let forTests = CallAdmission.Limits(Settings())
}
