import GRPC
import Messages

/// Commands to paste: each works as it is printed, again and again.
struct CommandsToTry {
  let coordinator: String
  let addresses: [String: String]
  /// The ids of the transactions that were shown.
  let shown: [String]
  /// A number that no transaction has yet.
  let freeNumber: String
  /// The database, as libpq reads it.
  let database: String

  /// What a command is for, and the command.
  var all: [(purpose: String, command: String)] {
    var commands = [
      ("what there is", grpcurl(nil, coordinator, "list")),
      (
        "every method, with its documentation",
        grpcurl(nil, coordinator, "describe caravan.v1.Coordinator")
      ),
    ]
    if let last = shown.last {
      commands.append(
        (
          "one transaction, branch by branch",
          grpcurl(#"{"id": "\#(last)"}"#, coordinator, CaravanV1.Coordinator.get)
        ))
    }
    commands += [
      (
        "what was rolled back",
        grpcurl(
          #"{"states": ["STATE_ROLLED_BACK"], "page_size": 5}"#, coordinator,
          CaravanV1.Coordinator.list)
      ),
      (
        "a transaction of your own; again, and it is the same one",
        grpcurl(execute, coordinator, CaravanV1.Coordinator.execute)
      ),
      (
        "what the stock room says of it",
        grpcurl(
          #"{"item": "lamp"}"#, addresses[StockRoom.name] ?? "", CaravanDemoV1.Stock.look)
      ),
      (
        "what Caravan keeps of them all",
        "psql '\(database)' -c 'SELECT id, state, rollback_reason, ended - created AS took FROM caravan.transactions ORDER BY created DESC LIMIT 10'"
      ),
    ]
    return commands
  }

  private func grpcurl(_ message: String?, _ address: String, _ what: String) -> String {
    let data = message.map { " -d '\($0)'" } ?? ""
    // Reflection knows the method as package.Service/Method.
    return
      "grpcurl -plaintext\(data) \(address) \(what.first == "/" ? String(what.dropFirst()) : what)"
  }

  /// Execute with one branch: a lamp from the stock room.
  private var execute: String {
    let purchase = Purchase(
      number: freeNumber, customer: "anna", item: "lamp", quantity: 1, cents: 0,
      addresses: addresses)
    let stock = purchase.stock
    return """
      {"id": "\(freeNumber)", "branches": [{"id": "\(stock.id)", "mode": "BRANCH_MODE_TCC",
        "phase_one": \(json(stock.phaseOne)),
        "confirm": \(json(stock.confirm)),
        "undo": \(json(stock.undo))}]}
      """
  }

  private func json(_ call: CaravanV1.Call?) -> String {
    guard let call, case .grpc(let target)? = call.target else { return "{}" }
    return #"{"grpc": {"address": "\#(target.address)", "method": "\#(target.method)"}, "#
      + #""payload": "\#(String(decoding: Base64.encode(call.payload), as: UTF8.self))"}"#
  }
}
