import Postgres

/// The statements on `caravan.branch`.
enum BranchSQL {
  /// The branches (`caravan.new_branch`) of the ACTIVE transactions that this SQL transaction has
  /// inserted: their rows carry its number. Those of an id that was taken already are left out.
  static let insert = Statement(
    "branch_insert",
    """
    INSERT INTO caravan.branch
      (transaction_id, ordinal, id, level, mode, role, target, definition)
    SELECT w.transaction_id, w.ordinal, w.id, w.level, w.mode, w.role, w.target, w.definition
    FROM unnest($1::caravan.new_branch[]) AS w
    JOIN caravan.transaction AS t ON t.id = w.transaction_id
    WHERE t.xmin = pg_current_xact_id()::xid
    """)

  /// More branches (`caravan.new_branch`) of ACTIVE transactions, whose rows
  /// `TransactionSQL.lockActive` holds: a snapshot
  /// taken after the lock shows every branch there is, so that the ordinals go on without a gap and
  /// a request goes in whole or not at all.
  static let register = Statement(
    "branch_register",
    """
    WITH wanted AS (
      SELECT w.*, b.id IS NULL AS fresh, b.definition <> w.definition AS differs
      FROM unnest($1::caravan.new_branch[]) AS w
      LEFT JOIN caravan.branch AS b ON b.transaction_id = w.transaction_id AND b.id = w.id),
    request AS (
      SELECT transaction_id, count(*) FILTER (WHERE fresh) AS fresh,
        coalesce(bool_or(differs), false) AS differs, min(branches_max) AS branches_max
      FROM wanted
      GROUP BY transaction_id),
    allowed AS (
      SELECT r.transaction_id, present.count
      FROM request AS r
      JOIN caravan.transaction AS t ON t.id = r.transaction_id AND t.state = 1
      CROSS JOIN LATERAL (
        SELECT count(*) AS count FROM caravan.branch AS b
        WHERE b.transaction_id = r.transaction_id) AS present
      WHERE NOT r.differs AND present.count + r.fresh <= r.branches_max)
    INSERT INTO caravan.branch
      (transaction_id, ordinal, id, level, mode, role, target, definition)
    SELECT w.transaction_id,
      a.count + row_number() OVER (PARTITION BY w.transaction_id ORDER BY w.ordinal) - 1,
      w.id, w.level, w.mode, w.role, w.target, w.definition
    FROM wanted AS w
    JOIN allowed AS a ON a.transaction_id = w.transaction_id
    WHERE w.fresh
    RETURNING transaction_id, ordinal
    """)

  /// The branches of transactions, in the order of registration, wherever they stand.
  static let read = Statement(
    "branch_read",
    """
    SELECT w.id, d.id, d.level, d.mode, d.role, d.target, d.definition
    FROM unnest($1::text[]) AS w(id)
    CROSS JOIN LATERAL (
      SELECT b.ordinal, b.id, b.level, b.mode, b.role, b.target, b.definition
      FROM caravan.branch AS b
      WHERE b.transaction_id = w.id
      UNION ALL
      SELECT b.ordinality, b.id, b.level, b.mode, b.role, b.target, b.definition
      FROM caravan.transaction AS t,
        unnest(t.branches::caravan.branch_columns[]) WITH ORDINALITY AS b
      WHERE t.id = w.id) AS d
    ORDER BY w.id, d.ordinal
    """)
}
