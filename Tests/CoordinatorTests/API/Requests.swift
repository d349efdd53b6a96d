import Messages

@testable import Coordinator

/// Requests that are right, for tests to spoil.
enum Requests {
  static func call(_ method: String = "Reserve", payload: [UInt8] = [1]) -> CaravanV1.Call {
    CaravanV1.Call {
      $0.target = .grpc(
        CaravanV1.GrpcTarget {
          $0.address = "127.0.0.1:9000"
          $0.method = "/shop.Stock/\(method)"
        })
      $0.payload = payload
    }
  }

  static func saga(_ id: String, level: UInt32 = 0) -> CaravanV1.Branch {
    CaravanV1.Branch {
      $0.id = id
      $0.level = level
      $0.mode = .saga
      $0.phaseOne = call()
      $0.undo = call("Release")
    }
  }

  static func tcc(_ id: String, level: UInt32 = 0) -> CaravanV1.Branch {
    CaravanV1.Branch {
      $0.id = id
      $0.level = level
      $0.mode = .tcc
      $0.phaseOne = call("Try")
      $0.confirm = call("Confirm")
      $0.undo = call("Cancel")
    }
  }

  static func mustSucceed(_ id: String, level: UInt32) -> CaravanV1.Branch {
    CaravanV1.Branch {
      $0.id = id
      $0.level = level
      $0.mode = .saga
      $0.phaseOne = call("Notify")
      $0.mustSucceed = true
    }
  }

  static func execute(_ branches: CaravanV1.Branch...) -> CaravanV1.ExecuteRequest {
    CaravanV1.ExecuteRequest {
      $0.id = "order-1"
      $0.branches = branches
    }
  }

  static let rules: RequestRules = {
    var settings = Settings()
    settings.allow = AllowList(
      patterns: ["localhost", "127.0.0.0/8", "::1", "unix:*"].compactMap { AllowPattern($0) })
    return RequestRules(settings)
  }()
}

extension FieldViolations {
  /// The paths of all that is described.
  var fields: [String] { described.map(\.field) }
}

extension BranchReader {
  /// A branch whose calls are read here, where a service has them from its checks.
  func definition(of branch: CaravanV1.Branch) -> BranchDefinition? {
    var violations = FieldViolations()
    let passings = Requests.rules.checkBranches([branch], &violations)
    return definition(of: branch) { passings[0, $0] }
  }
}
