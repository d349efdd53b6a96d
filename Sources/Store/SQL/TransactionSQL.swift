import Postgres

/// The statements on `caravan.transaction`.
///
/// Those of a batch take arrays, one element a transaction, sorted by id: so every batch locks rows
/// in one order. What a point says of its branches comes in flat arrays beside them; `low` and
/// `high` cut a transaction's part out (`high` below `low`: nothing is said, the columns stay), and
/// the bits of `present` tell which of the optional columns are not NULL there.
enum TransactionSQL {
  /// The columns of a point, as `w` gives them: the parameters from `first` on.
  private static func points(_ first: Int) -> (arrays: String, names: String) {
    let types = [
      "smallint", "smallint", "timestamptz", "timestamptz", "boolean", "smallint", "integer",
      "text", "smallint", "integer", "text", "integer", "integer", "integer",
    ]
    let arrays = types.enumerated().map { "$\(first + $0)::\($1)[]" }.joined(separator: ", ")
    return (
      arrays,
      "state, intent, ended, due, paused, reason_cause, reason_branch, reason, attention_cause,"
        + " attention_branch, attention, low, high, present"
    )
  }

  /// The flat arrays of outcomes: the parameters from `first` on. `kept` is the column's value
  /// where a point says nothing.
  private static func outcomeColumns(_ first: Int, kept: (String) -> String) -> [(String, String)] {
    let columns = [
      ("phase_one", "smallint", 0), ("phase_two", "smallint", 0), ("attempts", "integer", 0),
      ("lands_until", "timestamptz", 1), ("next_at", "timestamptz", 2), ("reply", "bytea", 4),
      ("reply_omitted", "boolean", 8), ("error", "text", 16),
    ]
    return columns.enumerated().map { index, column in
      let (name, type, bit) = column
      var value = "CASE WHEN w.high < w.low THEN \(kept(name))"
      if bit != 0 { value += " WHEN w.present & \(bit) = 0 THEN NULL" }
      value += " ELSE ($\(first + index)::\(type)[])[w.low:w.high] END"
      return (name, value)
    }
  }

  /// New rows; an id that is taken returns nothing.
  static let insert: Statement = {
    let point = points(7)
    let outcomes = outcomeColumns(21) { _ in "NULL" }
    return Statement(
      "transaction_insert",
      """
      INSERT INTO caravan.transaction AS t
        (id, content_hash, deadline, created, owner, written_by, fence, state, intent, finished, ended, due,
          paused, reason_cause, reason_branch, reason, attention_cause, attention_branch,
          attention, \(outcomes.map(\.0).joined(separator: ", ")))
      SELECT w.id, w.content_hash, w.deadline, w.created, w.owner, w.owner, w.fence, w.state, w.intent,
        w.state >= 6, w.ended, w.due, w.paused, w.reason_cause, w.reason_branch, w.reason,
        w.attention_cause, w.attention_branch, w.attention,
        \(outcomes.map(\.1).joined(separator: ",\n  "))
      FROM unnest($1::text[], $2::bytea[], $3::timestamptz[], $4::timestamptz[], $5::bigint[],
        $6::bigint[], \(point.arrays))
        AS w(id, content_hash, deadline, created, owner, fence, \(point.names))
      ON CONFLICT (id) DO NOTHING
      RETURNING t.id
      """)
  }()

  /// Holds ACTIVE rows against whoever would change their state, before branches are inserted or
  /// judged. Stricter than FOR SHARE, which would let two Registers count the same ordinals.
  static let lockActive = Statement(
    "transaction_lock_active",
    """
    SELECT t.id FROM unnest($1::text[]) WITH ORDINALITY AS w(id, position)
    JOIN caravan.transaction AS t ON t.id = w.id
    WHERE t.state = 1
    ORDER BY w.position
    FOR NO KEY UPDATE OF t
    """)

  /// Commit, Start or Rollback of ACTIVE, ownerless rows, which `lockActive` holds: so the branches
  /// that this statement judges are all there will be.
  static let take = Statement(
    "transaction_take",
    """
    UPDATE caravan.transaction AS t
    SET state = w.state, intent = coalesce(w.intent, t.intent), owner = w.owner,
      written_by = w.owner,
      fence = t.fence + 1, reason_cause = w.reason_cause, reason_branch = w.reason_branch,
      reason = w.reason, updated = clock_timestamp()
    FROM unnest($1::text[], $2::bigint[], $3::smallint[], $4::smallint[], $5::smallint[],
      $6::integer[], $7::text[])
      AS w(id, owner, state, intent, reason_cause, reason_branch, reason)
    WHERE t.id = w.id AND t.state = 1 AND t.owner IS NULL
      AND (w.state = 5 OR (t.deadline > clock_timestamp() AND NOT EXISTS (
        SELECT FROM caravan.branch AS m
        WHERE m.transaction_id = t.id AND m.role = 1 AND m.level <= (
          SELECT max(o.level) FROM caravan.branch AS o
          WHERE o.transaction_id = t.id AND o.role <> 1))))
    RETURNING t.id
    """)

  /// The next point of rows that an incarnation drives; on the way to an end, in the direction that
  /// was decided.
  static let update: Statement = {
    let point = points(7)
    let outcomes = outcomeColumns(21) { "t.\($0)" }
    return Statement(
      "transaction_update",
      """
      UPDATE caravan.transaction AS t
      SET state = w.state, intent = coalesce(w.intent, t.intent), finished = w.state >= 6,
        written_by = w.owner,
        ended = w.ended, due = w.due, paused = w.paused,
        reason_cause = coalesce(w.reason_cause, t.reason_cause),
        reason_branch = CASE WHEN w.reason_cause IS NULL THEN t.reason_branch
          ELSE w.reason_branch END,
        reason = coalesce(w.reason, t.reason),
        attention_cause = w.attention_cause, attention_branch = w.attention_branch,
        attention = w.attention, updated = clock_timestamp(),
        \(outcomes.map { "\($0) = \($1)" }.joined(separator: ",\n  "))
      FROM unnest($1::text[], $2::bigint[], $3::bigint[], $4::smallint[], $5::smallint[],
        $6::boolean[], \(point.arrays))
        AS w(id, owner, fence, from_state, from_intent, needs_deadline, \(point.names))
      WHERE t.id = w.id AND t.owner = w.owner AND t.fence = w.fence AND t.state = w.from_state
        AND (w.from_intent IS NULL OR t.intent = w.from_intent)
        AND (w.state = t.state AND t.state < 6 OR t.state < 4 AND w.state > t.state
          OR t.state IN (4, 5) AND w.state = t.state + 2)
        AND (NOT w.needs_deadline OR t.deadline > clock_timestamp())
      RETURNING t.id
      """)
  }()

  /// What `StoredRow` decodes, in its order.
  private static let columns = """
    t.id, t.content_hash, t.deadline, t.created, t.owner, t.fence, t.state, t.intent, t.ended,
      t.due, t.paused, t.removed, t.reason_cause, t.reason_branch, t.reason, t.attention_cause,
      t.attention_branch, t.attention, t.written_by, t.deadline <= clock_timestamp() AS late
    """
  private static let outcomeNames = """
    t.phase_one, t.phase_two, t.attempts, t.lands_until, t.next_at, t.reply, t.reply_omitted,
      t.error
    """

  /// Whole rows, but for their branches.
  static let read = Statement(
    "transaction_read",
    """
    SELECT \(columns), \(outcomeNames)
    FROM unnest($1::text[]) AS w(id)
    JOIN caravan.transaction AS t ON t.id = w.id
    """)

  // MARK: Sweeps

  /// Unfinished rows whose owner is dead, or absent, go to the living incarnation `$1`; parked ones
  /// stay parked.
  static let takeOver = Statement(
    "transaction_take_over",
    """
    WITH page AS (
      SELECT t.id, t.owner FROM caravan.transaction AS t
      WHERE NOT t.finished AND t.owner <> $1
        AND NOT EXISTS (
          SELECT FROM caravan.coordinator AS c WHERE c.incarnation = t.owner AND NOT c.dead)
        AND EXISTS (
          SELECT FROM caravan.coordinator AS c WHERE c.incarnation = $1 AND NOT c.dead)
      LIMIT $2
      FOR NO KEY UPDATE OF t SKIP LOCKED)
    UPDATE caravan.transaction AS t
    SET owner = $1, fence = t.fence + 1, updated = clock_timestamp()
    FROM page
    WHERE t.id = page.id
    RETURNING t.id, t.fence, greatest(clock_timestamp(), (
      SELECT c.lease FROM caravan.coordinator AS c WHERE c.incarnation = page.owner))
    """)

  /// Parked rows of an owner that are due leave parking.
  static let due = Statement(
    "transaction_due",
    """
    WITH page AS (
      SELECT t.id FROM caravan.transaction AS t
      WHERE NOT t.finished AND t.due IS NOT NULL AND t.due < $2 AND t.owner = $1
      ORDER BY t.due
      LIMIT $3
      FOR NO KEY UPDATE OF t SKIP LOCKED)
    UPDATE caravan.transaction AS t
    SET due = NULL
    FROM page
    WHERE t.id = page.id
    RETURNING t.id, t.fence, clock_timestamp()
    """)

  /// ACTIVE rows whose deadline has passed roll back, driven by `$1`.
  static let expire = Statement(
    "transaction_expire",
    """
    WITH page AS (
      SELECT t.id FROM caravan.transaction AS t
      WHERE NOT t.finished AND t.deadline < statement_timestamp() AND t.state = 1
        AND EXISTS (
          SELECT FROM caravan.coordinator AS c WHERE c.incarnation = $1 AND NOT c.dead)
      ORDER BY t.deadline
      LIMIT $2
      FOR NO KEY UPDATE OF t SKIP LOCKED)
    UPDATE caravan.transaction AS t
    SET state = 5, owner = $1, written_by = $1, fence = t.fence + 1, reason_cause = 4, reason = 'deadline',
      updated = clock_timestamp()
    FROM page
    WHERE t.id = page.id
    RETURNING t.id, t.fence, clock_timestamp()
    """)

  /// What is past `retention` keeps its id, hash and end; its branches and attempts go.
  static let strip = Statement(
    "transaction_strip",
    """
    WITH page AS (
      SELECT t.id FROM caravan.transaction AS t
      WHERE t.finished AND NOT t.removed
        AND t.ended < statement_timestamp() - $1 * interval '1 millisecond'
      ORDER BY t.ended
      LIMIT $2
      FOR NO KEY UPDATE OF t SKIP LOCKED),
    branches AS (
      DELETE FROM caravan.branch AS b USING page WHERE b.transaction_id = page.id),
    attempts AS (
      DELETE FROM caravan.attempt AS a USING page WHERE a.transaction_id = page.id)
    UPDATE caravan.transaction AS t
    SET removed = true, attention_cause = NULL, attention_branch = NULL, attention = NULL,
      phase_one = NULL, phase_two = NULL, attempts = NULL, lands_until = NULL, next_at = NULL,
      reply = NULL, reply_omitted = NULL, error = NULL
    FROM page
    WHERE t.id = page.id
    """)

  /// What is past `id_retention` too is forgotten.
  static let forget = Statement(
    "transaction_forget",
    """
    WITH page AS (
      SELECT t.id FROM caravan.transaction AS t
      WHERE t.finished AND t.removed
        AND t.ended < statement_timestamp() - $1 * interval '1 millisecond'
      ORDER BY t.ended
      LIMIT $2
      FOR UPDATE OF t SKIP LOCKED)
    DELETE FROM caravan.transaction AS t USING page WHERE t.id = page.id
    """)

  // MARK: Lists

  /// A page, newest first; each filter that is NULL or empty lets everything pass.
  private static func list(_ name: String, also condition: String) -> Statement {
    Statement(
      name,
      """
      SELECT \(columns),
        (SELECT count(*) FROM caravan.branch AS b WHERE b.transaction_id = t.id)
      FROM caravan.transaction AS t
      WHERE (t.created, t.id) < (coalesce($1, 'infinity'::timestamptz), coalesce($2, ''))
        AND t.created >= coalesce($3, '-infinity'::timestamptz)
        AND t.created < coalesce($4, 'infinity'::timestamptz)
        AND (cardinality($5::smallint[]) = 0 OR t.state = ANY ($5::smallint[]))
        \(condition)
      ORDER BY t.created DESC, t.id DESC
      LIMIT $6
      """)
  }

  static let listAll = list("transaction_list", also: "")
  /// By the index of what is unfinished.
  static let listUnfinished = list("transaction_list_unfinished", also: "AND NOT t.finished")
  /// By the index of what needs attention.
  static let listAttention = list(
    "transaction_list_attention", also: "AND t.attention_cause IS NOT NULL")
  /// By the range of ids from `$7` to before `$8`.
  static let listPrefix = list(
    "transaction_list_prefix",
    also: "AND t.id >= $7 AND t.id < $8 AND (t.attention_cause IS NOT NULL OR NOT $9)")
}
