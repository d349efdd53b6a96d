import Postgres

/// The statements on `caravan.coordinator`; lengths of leases are in milliseconds.
enum CoordinatorSQL {
  static let join = Statement(
    "coordinator_join",
    """
    INSERT INTO caravan.coordinator (incarnation, node, address, lease)
    VALUES (nextval('caravan.incarnation'), $1, $2,
      clock_timestamp() + $3 * interval '1 millisecond')
    RETURNING incarnation, clock_timestamp()
    """)

  /// The dead never return: a lease that ran out unnoticed is prolonged, one that was declared dead
  /// is not.
  static let renew = Statement(
    "coordinator_renew",
    """
    UPDATE caravan.coordinator
    SET lease = greatest(lease, clock_timestamp() + $2 * interval '1 millisecond')
    WHERE incarnation = $1 AND NOT dead
    RETURNING clock_timestamp()
    """)

  /// In a transaction of its own, before any row of theirs is taken.
  static let declareDead = Statement(
    "coordinator_declare_dead",
    """
    UPDATE caravan.coordinator SET dead = true
    WHERE NOT dead AND lease < clock_timestamp()
    """)

  static let leave = Statement(
    "coordinator_leave",
    """
    UPDATE caravan.coordinator SET dead = true, lease = least(lease, clock_timestamp())
    WHERE incarnation = $1 AND NOT dead
    """)

  /// The long dead; whatever names them is taken over all the same, because the absent are dead.
  static let forget = Statement(
    "coordinator_forget",
    "DELETE FROM caravan.coordinator WHERE dead AND lease < statement_timestamp() - interval '7 days'"
  )
}
