import Messages
import ProtoWire

/// A purchase as the branches of a transaction: the order desk as a Saga beside the stock room as
/// TCC on the first level, the account as TCC on the second.
struct Purchase: Sendable {
  let number: String
  let customer: String
  let item: String
  let quantity: UInt32
  let cents: UInt64
  /// Address by participant.
  let addresses: [String: String]
  /// How the account's attempts are repeated; nil: by the coordinator's defaults.
  var accountRetry: CaravanV1.RetryPolicy?

  var branches: [CaravanV1.Branch] { [order, stock, account] }

  private var order: CaravanV1.Branch {
    let request = CaravanDemoV1.PlaceRequest {
      $0.number = number
      $0.customer = customer
      $0.item = item
      $0.quantity = quantity
    }
    return CaravanV1.Branch {
      $0.id = OrderDesk.name
      $0.level = 1
      $0.mode = .saga
      $0.phaseOne = call(OrderDesk.name, CaravanDemoV1.Orders.place, request)
      $0.undo = call(OrderDesk.name, CaravanDemoV1.Orders.withdraw, request)
    }
  }

  var stock: CaravanV1.Branch {
    let request = CaravanDemoV1.StockRequest {
      $0.item = item
      $0.quantity = quantity
    }
    return CaravanV1.Branch {
      $0.id = StockRoom.name
      $0.level = 1
      $0.mode = .tcc
      $0.phaseOne = call(StockRoom.name, CaravanDemoV1.Stock.reserve, request)
      $0.confirm = call(StockRoom.name, CaravanDemoV1.Stock.take, request)
      $0.undo = call(StockRoom.name, CaravanDemoV1.Stock.release, request)
    }
  }

  private var account: CaravanV1.Branch {
    let request = CaravanDemoV1.AccountRequest {
      $0.customer = customer
      $0.cents = cents
    }
    return CaravanV1.Branch {
      $0.id = AccountBook.name
      $0.level = 2
      $0.mode = .tcc
      $0.phaseOne = call(AccountBook.name, CaravanDemoV1.Accounts.hold, request)
      $0.confirm = call(AccountBook.name, CaravanDemoV1.Accounts.charge, request)
      $0.undo = call(AccountBook.name, CaravanDemoV1.Accounts.release, request)
      $0.retry = accountRetry
    }
  }

  private func call(
    _ participant: String, _ method: String, _ request: some WireMessage
  ) -> CaravanV1.Call {
    CaravanV1.Call {
      $0.target = .grpc(
        CaravanV1.GrpcTarget {
          $0.address = addresses[participant] ?? ""
          $0.method = method
        })
      $0.payload = request.wireBytes()
    }
  }
}
