import Postgres

/// The statements on what `caravan.transaction` says of completions.
enum CompletionSQL {
  /// Rows whose completion is due by `$1`, at most `$3`: nobody else tells them before `$2`.
  static let claim = Statement(
    "completion_claim",
    """
    WITH page AS (
      SELECT t.id FROM caravan.transaction AS t
      WHERE t.completion_due IS NOT NULL AND t.completion_due <= $1
      ORDER BY t.completion_due, t.id
      LIMIT $3
      FOR NO KEY UPDATE OF t SKIP LOCKED)
    UPDATE caravan.transaction AS t
    SET completion_due = $2, completion_attempts = coalesce(t.completion_attempts, 0) + 1
    FROM page
    WHERE t.id = page.id
    RETURNING \(TransactionSQL.wholeRow)
    """)

  /// Attempt `$2` was taken at `$3`, or failed by `$5` and is repeated at `$4`.
  static let settle = Statement(
    "completion_settle",
    """
    UPDATE caravan.transaction
    SET completion_due = $4, completion_taken = $3, completion_error = $5
    WHERE id = $1 AND completion_due IS NOT NULL AND completion_attempts = $2
    """)

  /// Attempt `$2` was not made, and becomes due at `$3`.
  static let postpone = Statement(
    "completion_postpone",
    """
    UPDATE caravan.transaction
    SET completion_due = $3, completion_attempts = completion_attempts - 1
    WHERE id = $1 AND completion_due IS NOT NULL AND completion_attempts = $2
    """)
}
