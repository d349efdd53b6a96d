import Messages

/// Entries as easycar's client sends them, for tests to spoil.
enum EasyCarEntries {
  static func entry(
    _ action: EasyCar.Action, _ change: (inout EasyCar.RegisterReq.Branch) -> Void = { _ in }
  ) -> EasyCar.RegisterReq.Branch {
    var entry = EasyCar.RegisterReq.Branch()
    entry.uri = "grpc://127.0.0.1:9000/shop.Stock/Any"
    entry.protocolName = "grpc"
    entry.action = action
    switch action {
    case .normal, .compensation: entry.tranType = .sage
    case .try, .confirm, .cancel, .unKnowTransactionType, .unrecognized: entry.tranType = .tcc
    }
    entry.level = 1
    entry.timeout = 3
    change(&entry)
    return entry
  }

  static func tcc(
    _ change: (inout EasyCar.RegisterReq.Branch) -> Void = { _ in }
  ) -> [EasyCar.RegisterReq.Branch] {
    [.try, .confirm, .cancel].map { entry($0, change) }
  }

  static func saga(
    _ change: (inout EasyCar.RegisterReq.Branch) -> Void = { _ in }
  ) -> [EasyCar.RegisterReq.Branch] {
    [.normal, .compensation].map { entry($0, change) }
  }
}
