import Postgres

/// The statements on `caravan.transaction`.
///
/// Those of a batch take one array of records, one for each transaction, sorted by id: so every
/// batch locks rows in one order.
enum TransactionSQL {
  /// New rows, `caravan.new_transaction`; an id that is taken returns nothing.
  static let insert = Statement(
    "transaction_insert",
    """
    INSERT INTO caravan.transaction AS t
      (id, owner, written_by, fence, deadline, created, ended, due, state, intent, finished,
        paused, reason_cause, reason_branch, reason, attention_cause, attention_branch,
        attention, content_hash, ordinary_level_max, must_succeed_level_min, branch_bytes,
        outcomes, branches, completion, completion_due)
    SELECT w.id, w.owner, w.owner, w.fence, w.deadline, w.created, w.ended, w.due, w.state,
      w.intent, w.state >= 6, w.paused, w.reason_cause, w.reason_branch, w.reason,
      w.attention_cause, w.attention_branch, w.attention, w.content_hash, w.ordinary_level_max,
      w.must_succeed_level_min, w.branch_bytes, w.outcomes, w.branches, w.completion,
      CASE WHEN w.completion IS NOT NULL THEN w.ended END
    FROM unnest($1::caravan.new_transaction[]) AS w
    ON CONFLICT (id) DO NOTHING
    RETURNING t.id
    """)

  /// More branches (`caravan.new_branches`) of ACTIVE transactions: all of a request or none, and
  /// only where none of them is there.
  static let register = Statement(
    "transaction_register",
    """
    UPDATE caravan.transaction AS t
    SET branches = coalesce(t.branches, '{}') || w.branches,
      ordinary_level_max = greatest(t.ordinary_level_max, w.ordinary_level_max),
      must_succeed_level_min = least(t.must_succeed_level_min, w.must_succeed_level_min),
      branch_bytes = t.branch_bytes + w.branch_bytes, updated = clock_timestamp()
    FROM unnest($1::caravan.new_branches[]) AS w
    WHERE t.id = w.id AND t.state = 1
      AND coalesce(cardinality(t.branches), 0) + cardinality(w.branches) <= w.count_max
      AND t.branch_bytes + w.branch_bytes <= w.bytes_max
      AND (t.branches IS NULL OR NOT EXISTS (
        SELECT FROM unnest(t.branches::caravan.branch_columns[]) AS known
        JOIN unnest(w.branches::caravan.branch_columns[]) AS wanted ON wanted.id = known.id))
    RETURNING t.id, cardinality(t.branches)
    """)

  /// Commit, Start or Rollback of ACTIVE, ownerless rows (`caravan.new_owner`). A registration that
  /// holds the row is waited for, and its branches are judged and returned.
  static let take = Statement(
    "transaction_take",
    """
    UPDATE caravan.transaction AS t
    SET state = w.state, intent = coalesce(w.intent, t.intent), owner = w.owner,
      written_by = w.owner,
      fence = t.fence + 1, reason_cause = w.reason_cause, reason_branch = w.reason_branch,
      reason = w.reason, updated = clock_timestamp()
    FROM unnest($1::caravan.new_owner[]) AS w
    WHERE t.id = w.id AND t.state = 1 AND t.owner IS NULL
      AND (w.state = 5 OR (t.deadline > clock_timestamp()
        AND t.must_succeed_level_min <= t.ordinary_level_max IS NOT TRUE))
    RETURNING \(wholeRow)
    """)

  /// The next point of rows that an incarnation drives, `caravan.new_point`; on the way to an end,
  /// in the direction that was decided. Outcomes that are NULL stay as they are.
  static let update = Statement(
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
      outcomes = coalesce(w.outcomes, t.outcomes),
      completion_due = CASE WHEN t.completion IS NOT NULL THEN w.ended END
    FROM unnest($1::caravan.new_point[]) AS w
    WHERE t.id = w.id AND t.owner = w.owner AND t.fence = w.fence AND t.state = w.from_state
      AND (w.from_intent IS NULL OR t.intent = w.from_intent)
      AND (w.state = t.state AND t.state < 6 OR t.state < 4 AND w.state > t.state
        OR t.state IN (4, 5) AND w.state = t.state + 2)
      AND (NOT w.needs_deadline OR t.deadline > clock_timestamp())
    RETURNING t.id
    """)

  /// What `StoredRow` decodes, in its order.
  private static let columns = """
    t.id, t.content_hash, t.deadline, t.created, t.owner, t.fence, t.state, t.intent, t.ended,
      t.due, t.paused, t.removed, t.reason_cause, t.reason_branch, t.reason, t.attention_cause,
      t.attention_branch, t.attention, t.written_by, t.deadline <= clock_timestamp() AS late
    """

  /// The columns, what branches came to, branches, and the completion.
  static let wholeRow = """
    \(columns),
      t.outcomes::caravan.outcome_columns[], t.branches::caravan.branch_columns[], t.completion,
      t.completion_due, t.completion_attempts, t.completion_taken, t.completion_error
    """

  static let read = Statement(
    "transaction_read",
    """
    SELECT \(wholeRow)
    FROM unnest($1::text[]) AS w(id)
    JOIN caravan.transaction AS t ON t.id = w.id
    """)

  // MARK: Sweeps

  /// Unfinished rows whose owner is dead, or absent, go to the living incarnation `$1`; parked ones
  /// stay parked. Only those whose deadline is not before `$3` are looked at.
  static let takeOver = Statement(
    "transaction_take_over",
    """
    WITH page AS (
      SELECT t.id, t.owner FROM caravan.transaction AS t
      WHERE NOT t.finished AND t.owner <> $1 AND t.deadline >= $3
        AND NOT EXISTS (
          SELECT FROM caravan.coordinator AS c WHERE c.incarnation = t.owner AND NOT c.dead)
        AND EXISTS (
          SELECT FROM caravan.coordinator AS c WHERE c.incarnation = $1 AND NOT c.dead)
      ORDER BY t.deadline, t.id
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
    SET state = 5, owner = $1, written_by = $1, fence = t.fence + 1, reason_cause = 4,
      reason = '\(ReasonRecord.deadline.text)', updated = clock_timestamp()
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
        AND t.created < statement_timestamp() - $1 * interval '1 millisecond'
      ORDER BY t.created, t.id
      LIMIT $2
      FOR NO KEY UPDATE OF t SKIP LOCKED),
    attempts AS (
      DELETE FROM caravan.attempt AS a USING page WHERE a.transaction_id = page.id)
    UPDATE caravan.transaction AS t
    SET removed = true, attention_cause = NULL, attention_branch = NULL, attention = NULL,
      branches = NULL, outcomes = NULL, completion = NULL, completion_due = NULL,
      completion_error = NULL
    FROM page
    WHERE t.id = page.id
    """)

  /// What is past `id_retention` too is forgotten.
  static let forget = Statement(
    "transaction_forget",
    """
    WITH page AS (
      SELECT t.id FROM caravan.transaction AS t
      WHERE t.removed AND t.ended < statement_timestamp() - $1 * interval '1 millisecond'
        AND t.created < statement_timestamp() - $1 * interval '1 millisecond'
      ORDER BY t.created, t.id
      LIMIT $2
      FOR UPDATE OF t SKIP LOCKED)
    DELETE FROM caravan.transaction AS t USING page WHERE t.id = page.id
    """)

  // MARK: Lists

  /// A page, newest first; each filter that is NULL or empty lets everything pass. Of what is past
  /// `retention` there is nothing to list.
  private static func list(_ name: String, also condition: String) -> Statement {
    Statement(
      name,
      """
      SELECT \(columns),
        coalesce(cardinality(t.branches), 0)::bigint
      FROM caravan.transaction AS t
      WHERE NOT t.removed AND (t.created, t.id) < (coalesce($1, 'infinity'::timestamptz), coalesce($2, ''))
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
