import Mode
import Postgres

/// Joins, renews and leaves, each in an SQL transaction of its own.
enum Membership {
  static func answer(
    _ query: LeaseQuery, on connection: Connection
  ) throws(PostgresError) -> LeaseAnswer {
    switch query {
    case .join(let node, let address, let lease):
      let row = try connection.execute(
        CoordinatorSQL.join(
          Parameter(StoredText.clean(node)), Parameter(StoredText.clean(address)),
          Parameter(lease.milliseconds)))[0]
      return .held(
        incarnation: try row.value(0), now: try row.value(1, as: Timestamp.self).instant)
    case .renew(let incarnation, let lease):
      let rows = try connection.execute(
        CoordinatorSQL.renew(Parameter(incarnation), Parameter(lease.milliseconds)))
      guard let row = rows.first else { return .notHeld }
      return .held(
        incarnation: incarnation, now: try row.value(0, as: Timestamp.self).instant)
    case .leave(let incarnation):
      _ = try connection.execute(CoordinatorSQL.leave(Parameter(incarnation)))
      return .notHeld
    }
  }
}
