/// The messages of the package `caravan.demo.v1`.
package enum CaravanDemoV1 {}

extension CaravanDemoV1 {
  /// The service `caravan.demo.v1.Orders`: its name and the paths of its methods.
  package enum Orders {
    package static let serviceName = "caravan.demo.v1.Orders"
    package static let place = "/caravan.demo.v1.Orders/Place"
    package static let withdraw = "/caravan.demo.v1.Orders/Withdraw"
    package static let look = "/caravan.demo.v1.Orders/Look"
  }

  /// The service `caravan.demo.v1.Stock`: its name and the paths of its methods.
  package enum Stock {
    package static let serviceName = "caravan.demo.v1.Stock"
    package static let reserve = "/caravan.demo.v1.Stock/Reserve"
    package static let take = "/caravan.demo.v1.Stock/Take"
    package static let release = "/caravan.demo.v1.Stock/Release"
    package static let look = "/caravan.demo.v1.Stock/Look"
  }

  /// The service `caravan.demo.v1.Accounts`: its name and the paths of its methods.
  package enum Accounts {
    package static let serviceName = "caravan.demo.v1.Accounts"
    package static let hold = "/caravan.demo.v1.Accounts/Hold"
    package static let charge = "/caravan.demo.v1.Accounts/Charge"
    package static let release = "/caravan.demo.v1.Accounts/Release"
    package static let look = "/caravan.demo.v1.Accounts/Look"
  }
}
