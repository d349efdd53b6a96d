import Gateway
import Messages

/// The one table of what is served over HTTP. It says the same as the options `google.api.http` in
/// Protos/, which `HTTPRoutesTests` checks.
enum HTTPRoutes {
  static let all = coordinator + easyCar

  private static let coordinator: [HTTPRoute] = [
    .post("/v1/transactions:begin", CaravanV1.Coordinator.begin),
    .post("/v1/transactions:execute", CaravanV1.Coordinator.execute),
    .post("/v1/transactions/{id}:register", CaravanV1.Coordinator.register),
    .post("/v1/transactions/{id}:start", CaravanV1.Coordinator.start),
    .post("/v1/transactions/{id}:commit", CaravanV1.Coordinator.commit),
    .post("/v1/transactions/{id}:rollback", CaravanV1.Coordinator.rollback),
    .get("/v1/transactions/{id}", CaravanV1.Coordinator.get),
    .get("/v1/transactions", CaravanV1.Coordinator.list),
    .get("/v1/transactions/{id}:watch", CaravanV1.Coordinator.watch, event: "transaction"),
  ]

  private static let easyCar: [HTTPRoute] = [
    .post("/easycar/begin", EasyCar.Service.begin),
    .post("/easycar/register", EasyCar.Service.register),
    .post("/easycar/start", EasyCar.Service.start),
    .post("/easycar/commit", EasyCar.Service.commit),
    .post("/easycar/rollback", EasyCar.Service.rollback),
    .post("/easycar/state", EasyCar.Service.getState),
  ]
}
